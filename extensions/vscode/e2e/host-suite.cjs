// Runs inside the extension host, on the real API. Writes what it found to the file that MEDE2_TEST_RESULT names.
const assert = require("node:assert/strict");
const { appendFileSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const vscode = require("vscode");

const folder = () => vscode.workspace.workspaceFolders[0].uri.fsPath;
const uri = (...parts) => vscode.Uri.file(join(folder(), ...parts));
const self = () => vscode.extensions.getExtension("mede2.mede2-vscode");
async function until(holds, what, milliseconds = 60_000) {
  const end = Date.now() + milliseconds;
  while (Date.now() < end) {
    const value = await holds();
    if (value) return value;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`waited ${milliseconds / 1000} s until ${what}`);
}

const tests = {
  "activates in under 100 ms": async (notes) => {
    await new Promise((resolve) => setTimeout(resolve, 2000)); // others of the editor's extensions start at the same time
    assert.equal(self().isActive, false, "nothing here asks for it yet");
    const [begin, used] = [performance.now(), process.threadCpuUsage()];
    await self().activate();
    const wall = performance.now() - begin;
    const { user, system } = process.threadCpuUsage(used);
    notes.push(
      `${wall.toFixed(0)} ms, of which the thread computed ${((user + system) / 1000).toFixed(0)} ms`,
    );
    // the machine may be busy with other things: then the thread waits, and what it computes is what counts
    cpSync(process.env.MEDE2_TEST_LATER, join(folder(), "evaluations"), { recursive: true });
    assert.ok(Math.min(wall, (user + system) / 1000) < 100, notes.join());
  },
  "registers every command that it contributes": async () => {
    const known = new Set(await vscode.commands.getCommands(true));
    const missing = self()
      .packageJSON.contributes.commands.map(({ command }) => command)
      .filter((command) => !known.has(command));
    assert.deepEqual(missing, []);
  },
  "is limited, not off, in Restricted Mode and in virtual workspaces": async () => {
    const { untrustedWorkspaces, virtualWorkspaces } = self().packageJSON.capabilities;
    assert.equal(untrustedWorkspaces.supported, "limited");
    assert.ok(untrustedWorkspaces.restrictedConfigurations.includes("mede2.cliPath"));
    assert.equal(virtualWorkspaces.supported, "limited");
    assert.ok(!self().packageJSON.activationEvents.includes("*"));
  },
  "opens each kind of file in its editor": async () => {
    for (const file of [
      ["data", "stage2.pairs.jsonl"],
      ["data", "ward.questions.jsonl"],
      ["data", "rated.candidates.jsonl"],
      ["data", "stage1.demonstrations.jsonl"],
      ["evaluations", "base-ward", "answers.trace.jsonl"],
      ["evaluations", "base-ward", "ward.evaluation.jsonl"],
    ]) {
      await vscode.commands.executeCommand("vscode.open", uri(...file));
      const tab = await until(() => vscode.window.tabGroups.activeTabGroup.activeTab, "a tab is open");
      assert.ok(tab.input instanceof vscode.TabInputCustom, file.join("/"));
      assert.equal(tab.input.viewType, "mede2.traces");
    }
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  },
  "opens a trace by its command, and the same file as text": async () => {
    const file = uri("evaluations", "base-ward", "answers.trace.jsonl");
    await vscode.commands.executeCommand("mede2.openTrace", file);
    assert.ok(vscode.window.tabGroups.activeTabGroup.activeTab.input instanceof vscode.TabInputCustom);
    await vscode.commands.executeCommand("mede2.reopenAsText", file);
    const editor = await until(() => vscode.window.activeTextEditor, "a text editor is open");
    assert.equal(editor.document.uri.fsPath, file.fsPath);
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  },
  "checks plan files by their schema, and offers to run them": async () => {
    const file = uri("broken.plan.json");
    writeFileSync(
      file.fsPath,
      JSON.stringify({ record: "plan", v: 1, kind: "sft", recipe: "x", seed: "not a number" }, null, 1),
    );
    await vscode.window.showTextDocument(file);
    const found = await until(
      () =>
        vscode.languages.getDiagnostics(file).length ? vscode.languages.getDiagnostics(file) : undefined,
      "there are diagnostics",
    );
    assert.ok(
      found.some(({ message }) => /data|model|type|number|integer/i.test(message)),
      JSON.stringify(found.map(({ message }) => message)),
    );
    const lenses = await vscode.commands.executeCommand("vscode.executeCodeLensProvider", file, 10);
    assert.ok(
      lenses.some(({ command }) => command?.command === "mede2.runPlan"),
      "a lens runs the plan",
    );
    const completed = async (text, column) => {
      writeFileSync(file.fsPath, text);
      const document = await vscode.workspace.openTextDocument(file);
      await until(() => document.getText() === text, "the editor has the new text");
      const at = new vscode.Position(1, column);
      return until(async () => {
        const list = await vscode.commands.executeCommand("vscode.executeCompletionItemProvider", file, at);
        return list.items.length > 0 ? list.items.map(({ label }) => label.label ?? label).join() : undefined;
      }, "something is completed");
    };
    assert.match(await completed('{\n "kind": \n}\n', 9), /sft/);
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  },
  "finds a run that appears, and follows one that is written": async (notes) => {
    const dir = join(folder(), "runs", "by-hand");
    mkdirSync(join(dir, "control"), { recursive: true });
    const hash = "0".repeat(64);
    const plan = { record: "plan", v: 1, kind: "evaluate", recipe: "by hand", data: [], seed: 1, threads: 1 };
    writeFileSync(
      join(dir, "run.json"),
      JSON.stringify({
        record: "run-manifest",
        v: 1,
        id: "by-hand",
        kind: "evaluate",
        plan,
        planHash: hash,
        code: { version: "0" },
        data: [],
        device: "cpu",
        host: "h",
        argv: [],
        createdAt: "2026-01-01T00:00:00.000Z",
        parents: [],
        imageStore: ".mede2/images",
      }),
    );
    let seq = 0;
    const event = (body) =>
      appendFileSync(
        join(dir, "events.jsonl"),
        `${JSON.stringify({ record: "run-event", v: 1, seq: seq++, ts: new Date().toISOString(), ...body })}\n`,
      );
    event({ type: "progress", done: 1, total: 2, unit: "questions" });
    await vscode.commands.executeCommand("mede2.attachRun", dir);
    await until(
      () => vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).some(({ label }) => label === "by-hand"),
      "the view of the run is open",
    );
    notes.push("a run written by hand was found");
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  },
  "gives its tools to language models only when asked": async () => {
    const names = () => vscode.lm.tools.map(({ name }) => name).filter((name) => name.startsWith("mede2_"));
    const call = () => vscode.lm.invokeTool("mede2_list_runs", { input: {}, toolInvocationToken: undefined });
    await assert.rejects(call());
    await vscode.workspace
      .getConfiguration("mede2")
      .update("languageModelTools", true, vscode.ConfigurationTarget.Global);
    await until(() => names().length === 3, "three tools are there", 20_000);
    const said = await until(() => call().catch(() => undefined), "a tool answers", 20_000);
    assert.match(said.content[0].value, /by-hand/);
    const read = await vscode.lm.invokeTool("mede2_read_trace", {
      input: { file: "../../etc/passwd.trace.jsonl", line: 1 },
      toolInvocationToken: undefined,
    });
    assert.match(read.content[0].value, /no such file/);
    const found = await vscode.lm.invokeTool("mede2_read_trace", {
      input: { file: "data/stage2.pairs.jsonl", line: 2 },
      toolInvocationToken: undefined,
    });
    const second = readFileSync(uri("data", "stage2.pairs.jsonl").fsPath, "utf8").split("\n")[1];
    assert.equal(JSON.parse(found.content[0].value).id, JSON.parse(second).id);
    assert.ok(!existsSync(join(folder(), "data", "stage2.verdicts.jsonl")), "nothing is written");
    await vscode.workspace
      .getConfiguration("mede2")
      .update("languageModelTools", undefined, vscode.ConfigurationTarget.Global);
  },
  "never loads the native runtime": async () => {
    const loaded = Object.keys(require.cache).filter(
      (path) => /onnxruntime|sharp|\.node$/.test(path) && !/code-server/.test(path),
    );
    assert.deepEqual(loaded, []);
    assert.ok(
      !readFileSync(join(self().extensionPath, "dist/extension.cjs"), "utf8").includes("onnxruntime"),
    );
  },
};

exports.run = async () => {
  const results = [];
  for (const [name, test] of Object.entries(tests)) {
    const begin = Date.now();
    const notes = [];
    try {
      await test(notes);
      results.push({ name, passed: true, milliseconds: Date.now() - begin, notes });
    } catch (error) {
      results.push({
        name,
        passed: false,
        milliseconds: Date.now() - begin,
        notes,
        error: error.stack ?? String(error),
      });
    }
  }
  writeFileSync(process.env.MEDE2_TEST_RESULT, JSON.stringify(results));
  if (!existsSync(process.env.MEDE2_TEST_RESULT) || results.some(({ passed }) => !passed))
    throw new Error("a test failed");
};

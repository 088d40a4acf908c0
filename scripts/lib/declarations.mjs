import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

/** Removes comments from TypeScript declarations, and leaves strings as they are. */
export const withoutComments = (code) =>
  code.replace(
    /("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`)|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g,
    (_, string) => string ?? "",
  );

const BLOCK =
  /^(?:export )?(?:default )?(?:declare )?(?:abstract )?(?:interface|class|enum|namespace|module|global)\b/;

/** The top-level statements of a declaration file. */
export function statementsOf(code) {
  const text = withoutComments(code);
  const statements = [];
  let depth = 0;
  let from = 0;
  for (const { 0: token, index } of text.matchAll(
    /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`|[()[\]{};]/g,
  )) {
    if ("([{".includes(token)) depth++;
    else if (")]}".includes(token)) depth--;
    const here = text.slice(from, index + token.length).trim();
    if (depth === 0 && (token === ";" || (token === "}" && BLOCK.test(here)))) {
      if (here !== ";") statements.push(here);
      from = index + token.length;
    }
  }
  return statements;
}

const DECLARED =
  /^(?:export )?(?:declare )?(?:abstract )?(?:const|let|var|function|class|interface|type|enum|namespace) ([\w$]+)/;

/** `export { a, type b as c } from "x"` as [{ local, name }] and the module, or null for other statements. */
function exportClause(statement) {
  const match = /^export (?:type )?\{([\s\S]*)\}(?: from ["']([^"']+)["'])?;$/.exec(statement);
  if (!match) return null;
  const names = match[1]
    .split(",")
    .map((it) => it.trim())
    .filter(Boolean);
  const pairs = names.map((it) =>
    it
      .replace(/^type /, "")
      .split(/ as /)
      .map((word) => word.trim()),
  );
  return { names: pairs.map(([local, name = local]) => ({ local, name })), from: match[2] };
}

/** The public names of a declaration file, each with the text of its declarations. */
export function publicApi(file) {
  const api = new Map();
  const add = (name, text) => api.set(name, [...(api.get(name) ?? []), text]);
  for (const statement of statementsOf(readFileSync(file, "utf8"))) {
    const clause = exportClause(statement);
    const namespace = /^export \* as ([\w$]+) from ["']([^"']+)["'];$/.exec(statement);
    if (namespace) {
      const target = declarationFile(file, namespace[2]);
      for (const [name, texts] of publicApi(target))
        for (const text of texts) add(`${namespace[1]}.${name}`, text);
    } else if (clause)
      for (const { local, name } of clause.names)
        for (const text of lookUp(file, local, clause.from)) add(name, renamed(text, local, name));
    else if (/^export (?:\*|default|=|import)/.test(statement)) add(statement.slice(0, 40), statement);
    else if (statement.startsWith("export "))
      add(DECLARED.exec(statement)?.[1] ?? statement, plain(statement));
  }
  return api;
}

/** The declarations of `name` as `file` sees it, in `from` or in the file itself. */
function lookUp(file, name, from) {
  if (from && !from.startsWith(".")) return [`export { ${name} } from "${from}";`];
  const target = from ? declarationFile(file, from) : file;
  const statements = statementsOf(readFileSync(target, "utf8"));
  const declared = statements.filter((it) => DECLARED.exec(it)?.[1] === name).map(plain);
  if (declared.length) return declared;
  for (const clause of statements.map(exportClause)) {
    const found = clause?.names.find((it) => it.name === name);
    if (found && (clause.from || found.local !== name)) return lookUp(target, found.local, clause.from);
  }
  const imported = statements.find((it) => new RegExp(`^import [^"']*\\b${name}\\b`).test(it));
  if (imported) return lookUp(target, name, /["']([^"']+)["'];$/.exec(imported)[1]);
  throw new Error(`${target}: no declaration of ${name}, which ${file} exports`);
}

const declarationFile = (file, specifier) =>
  resolve(dirname(file), specifier.replace(/\.[mc]?[jt]s$/, ".d.ts"));

const plain = (statement) =>
  statement
    .replace(/^export /, "")
    .replace(/^declare /, "")
    .replace(/\n\s*(?=\n)/g, "") // where comments were
    .replace(/^( {4})+/gm, (indent) => " ".repeat(indent.length / 2));
const renamed = (text, local, name) => (local === name ? text : `${text} // exported as ${name}`);

// For tests only: `mede2virtual:/a/b` is the folder /a/b of the disk, as a file system that no disk holds would show it. Nothing can be written.
const { readdirSync, readFileSync, statSync } = require("node:fs");
const vscode = require("vscode");

const { Directory, File } = vscode.FileType;
const refuse = () => {
  throw vscode.FileSystemError.NoPermissions("this file system is for reading");
};
const found = (uri, read) => {
  try {
    return read(uri.path);
  } catch {
    throw vscode.FileSystemError.FileNotFound(uri);
  }
};

exports.activate = ({ subscriptions }) => {
  const provider = {
    onDidChangeFile: new vscode.EventEmitter().event,
    watch: () => new vscode.Disposable(() => {}),
    stat: (uri) =>
      found(uri, (path) => {
        const { size, ctimeMs, mtimeMs, isDirectory } = wrapped(statSync(path));
        return { type: isDirectory ? Directory : File, ctime: ctimeMs, mtime: mtimeMs, size };
      }),
    readDirectory: (uri) =>
      found(uri, (path) =>
        readdirSync(path, { withFileTypes: true }).map((entry) => [
          entry.name,
          entry.isDirectory() ? Directory : File,
        ]),
      ),
    readFile: (uri) => found(uri, (path) => readFileSync(path)),
    ...{ createDirectory: refuse, writeFile: refuse, delete: refuse, rename: refuse },
  };
  subscriptions.push(
    vscode.workspace.registerFileSystemProvider("mede2virtual", provider, { isReadonly: true }),
  );
};

const wrapped = (stat) => ({
  ...{ size: stat.size, ctimeMs: stat.ctimeMs, mtimeMs: stat.mtimeMs, isDirectory: stat.isDirectory() },
});

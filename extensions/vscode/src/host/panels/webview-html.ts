export interface Page {
  readonly title: string;
  readonly nonce: string;
  /** `webview.cspSource`. */
  readonly source: string;
  readonly script: string;
  readonly styles: readonly string[];
  readonly language: string;
  /** Pictures may come in messages too, as those of a log that carries them. */
  readonly carried?: boolean;
}

/**
 * The page of a webview. Scripts run by nonce only, styles and pictures come from the extension's own folders, nothing goes over a network, and
 * nothing inline is allowed. All content arrives later, as messages.
 */
export function webviewHtml({ title, nonce, source, script, styles, language, carried }: Page): string {
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${source}`,
    `img-src ${source}${carried ? " data:" : ""}`,
    `font-src ${source}`,
    "form-action 'none'",
    "base-uri 'none'",
  ].join("; ");
  const links = styles.map((style) => `<link rel="stylesheet" href="${escaped(style)}">`).join("\n");
  return `<!DOCTYPE html>
<html lang="${escaped(language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escaped(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
${links}
</head>
<body>
<div id="root"></div>
<script nonce="${escaped(nonce)}" src="${escaped(script)}"></script>
</body>
</html>`;
}

const escaped = (text: string) =>
  text.replace(
    /[&<>"]/g,
    (character) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[character]!,
  );

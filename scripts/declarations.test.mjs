import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { publicApi, statementsOf } from "./lib/declarations.mjs";

test("splits declarations at the top level only", () => {
  const code = `/** a; comment { */
export declare const a: { x: number; y: "};" };
export interface B {
    c(): void;
}
export declare function d(options: { e: string; }): string;
export {};
`;
  expect(statementsOf(code).map((it) => it.slice(0, 24))).toEqual([
    "export declare const a: ",
    "export interface B {\n   ",
    "export declare function ",
    "export {};",
  ]);
});

test("follows named exports to their declarations", () => {
  const folder = mkdtempSync(join(tmpdir(), "mede2-api-"));
  const files = {
    "index.d.ts":
      'export { value, type Shape as Form } from "./middle.ts";\nexport { z } from "zod";\nexport * as all from "./middle.ts";\nexport declare const own: 1;\n',
    "value.d.ts":
      "export declare const value: number;\nexport declare function value2(): void;\nexport interface Shape {\n    /** mm */\n    width: number;\n}\n",
    "middle.d.ts": 'export { value, Shape } from "./value.ts";\n',
  };
  for (const [name, code] of Object.entries(files))
    writeFileSync(join(folder, name), code.replace("./middle.ts", "./middle.ts"));
  const api = publicApi(join(folder, "index.d.ts"));
  rmSync(folder, { recursive: true });
  expect(Object.fromEntries(api)).toEqual({
    value: ["const value: number;"],
    Form: ["interface Shape {\n  width: number;\n} // exported as Form"],
    z: ['export { z } from "zod";'],
    "all.value": ["const value: number;"],
    "all.Shape": ["interface Shape {\n  width: number;\n}"],
    own: ["const own: 1;"],
  });
});

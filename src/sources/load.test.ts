import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { splitFile } from "../syntax/postgres/split.ts";
import { migration } from "./define.ts";
import { createEvaluate } from "./evaluate.ts";
import { bytesHash } from "./hash.ts";
import { refuseEdited, refuseMissing } from "./immutable.ts";
import { type EvaluatedSource, type Known, loadFolder, migrationOf } from "./load.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hotstick-load-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (file: string, text: string | Uint8Array) => writeFileSync(join(folder, file), text);
const load = (known = new Map<string, Known>()) =>
  loadFolder(folder, known, { evaluate: createEvaluate({ root: folder, modules: async () => ({ hotstick: { migration } }) }), split: splitFile });
const only = async (): Promise<EvaluatedSource> => (await load())[0] as EvaluatedSource;
const script = (operations: string, more = "") =>
  `import { migration } from "hotstick";\nexport default migration({\n  operations: [${operations}],\n${more}});\n`;
const addition = `{ kind: "add-column", table: "users", column: { name: "age", type: "int" } }`;
const operation = { kind: "add-column", table: "users", column: { name: "age", type: "int" } };

test.each(["a.ts", "a.mjs"])("%s is evaluated without hotstick being installed beside it", async (file) => {
  write(file, script(addition, '  accept: ["data-loss"],\n'));
  expect((await only()).content).toEqual({ operations: [operation], parents: null, accept: ["data-loss"] });
});

test("plain JavaScript without imports is evaluated too", async () => {
  write("a.mjs", `export default { operations: [${addition}], parents: [] };`);
  expect((await only()).content).toEqual({ operations: [operation], parents: [], accept: [] });
});

test("a run operation is bound to its file", async () => {
  write("fill.mts", "export const up = () => {};");
  write("a.ts", script('{ kind: "run", file: "fill.mts" }'));
  expect((await only()).content.operations).toEqual([
    { kind: "run", file: "fill.mts", phase: "backfill", sha256: bytesHash(Buffer.from("export const up = () => {};")) },
  ]);
  write("a.ts", script('{ kind: "run", file: "none.mts" }'));
  await expect(load()).rejects.toMatchObject({ code: "migration-load", message: expect.stringContaining("none.mts") });
});

test.each([
  ["a syntax error", "export default {\n  operations: [oops(],\n};", /a\.ts:2:\d+ cannot be loaded.*\n2 \|\s+operations: \[oops\(\],\n\s+\^/],
  ["a thrown error", "const x: any = undefined;\n\nexport default x.operations;", /a\.ts:3:\d+ cannot be loaded: Cannot read prop/],
  ["a missing import", 'import { x } from "./nope.ts";\nexport default x();', /cannot be loaded: Cannot find module/],
  ["no default export", "export const up = () => {};", /exports no migration/],
  ["an unknown key", "export default { operations: [], acept: [] };", /Did you mean "accept"/],
  ["a wrong list", "export default { operations: [], parents: 3 };", /parents in .* is not a list/],
])("%s is a Problem that says where", async (_, text, message) => {
  write("a.ts", text);
  await expect(load()).rejects.toMatchObject({ code: "migration-load", message: expect.stringMatching(message) });
});

test("a corrected file is read anew by the same evaluator", async () => {
  const evaluate = createEvaluate({ root: folder, modules: async () => ({ hotstick: { migration } }) });
  for (const table of ["a", "b"]) {
    write("a.ts", script(addition.replace("users", table)));
    expect(((await loadFolder(folder, new Map(), { evaluate, split: splitFile }))[0] as EvaluatedSource).content.operations).toMatchObject([{ table }]);
  }
});

test("SQL becomes one operation for each phase, with its undo", async () => {
  write(
    "a.sql",
    `-- hotstick: parents b, c\n-- hotstick: accept data-loss\ncreate table t (x int);\n-- hotstick: undo\ndrop table t;
-- hotstick: phase drop\ndrop table old; -- gone\n-- hotstick: phase expand\ncreate index on t (x)`,
  );
  expect((await only()).content).toEqual({
    operations: [
      { kind: "sql", phase: "expand", statements: ["create table t (x int)", "create index on t (x)"], undo: ["drop table t"] },
      { kind: "sql", phase: "drop", statements: ["drop table old"] },
    ],
    parents: ["b", "c"],
    accept: ["data-loss"],
  });
});

test.each<[string, string | Uint8Array, string]>([
  ["an open quote", "select 'x", "bad-sql"],
  ["a bad directive", "-- hotstick: phase contract\nselect 1", "bad-directive"],
  ["COPY data", "copy t from stdin;\n1\n\\.\n", "migration-load"],
  ["another character set", Buffer.from([0x73, 0xe9, 0x6c]), "migration-load"],
])("SQL with %s is a Problem that names the file", async (_, text, code) => {
  write("a.sql", text);
  await expect(load()).rejects.toMatchObject({ code, message: expect.stringContaining(join(folder, "a.sql")), subject: { kind: "migration", name: "a" } });
});

test("a known file with the same bytes is not evaluated", async () => {
  const text = "throw new Error('evaluated')";
  write("a.ts", text);
  const known = new Map([["a", { bytesHash: bytesHash(Buffer.from(text)), contentHash: "?" }]]);
  expect(await load(known)).toMatchObject([{ name: "a", state: "unchanged" }]);
});

test("reformatting is no change, editing is one and is shown", async () => {
  write("a.ts", script(addition));
  const before = await only();
  const known = new Map([["a", { bytesHash: before.bytesHash, contentHash: before.contentHash }]]);
  write("a.ts", script(`\n// why\n${addition.replace("{ name", "{\n name")},\n`));
  expect(await load(known)).toMatchObject([{ state: "reformatted" }]);
  write("a.ts", script(addition.replace("int", "bigint")));
  const sources = await load(known);
  expect(sources).toMatchObject([{ state: "edited" }]);
  const stored = new Map([["a", migrationOf(before, [])]]);
  expect(() => refuseEdited(sources, stored)).toThrow(
    expect.objectContaining({ code: "migration-edited", exit: 4, message: expect.stringMatching(/\n- {9}"type": "int"\n\+ {9}"type": "bigint"/) }),
  );
  write("a.ts", script(addition, '  parents: ["b"],\n'));
  expect(() => refuseEdited([sources[0]!], stored)).toThrow();
  const moved = await load(known);
  expect(() => refuseEdited(moved, stored)).toThrow(expect.objectContaining({ message: expect.stringContaining("parents: none when it was applied, b now") }));
});

test("a missing file of an applied migration is refused, unless it came from none", async () => {
  write("a.sql", "");
  const known = (bytes: string | null) => new Map([["gone", { bytesHash: bytes, contentHash: "?" }]]);
  const sources = await load();
  const missing = expect.objectContaining({ code: "migration-missing", exit: 4, details: { missing: ["gone"] } });
  expect(() => refuseMissing(known("?"), sources, false)).toThrow(missing);
  expect(refuseMissing(known(null), sources, false)).toEqual([]);
  // The folder of an older version of the application.
  expect(refuseMissing(known("?"), sources, true)).toEqual(["gone"]);
  expect(() => refuseMissing(known("?"), [], true)).toThrow(missing);
  write("later.sql", "");
  const longer = await load();
  expect(() => refuseMissing(known("?"), longer, true)).toThrow(missing);
});

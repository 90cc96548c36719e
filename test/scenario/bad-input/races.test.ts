// Ten pods start at once, round after round, with a concurrent build among their migrations: nobody deadlocks, nobody fails.
import { expect, test } from "vitest";
import { databaseFor } from "../../harness/servers.ts";
import { hotstick } from "../app/built.ts";
import { projectFor, script } from "../app/project.ts";

const rounds = process.env["HOTSTICK_SCOPE"] === "all" ? 50 : 2;

const files = {
  "1_items.sql": "create table items (id int primary key, code text); insert into items select n, n::text from generate_series(1, 2000) n;",
  "2_index.sql": "create index concurrently items_code on items (code);",
  "3_rename.mjs": script([{ kind: "rename-column", table: "items", from: "code", to: "label" }]),
  "4_unique.mjs": script([{ kind: "add-index", table: "items", name: "items_label", unique: true, keys: [{ column: "label" }] }]),
};

test.for(Array.from({ length: rounds }, (_, i) => i + 1))("round %i", { timeout: 180_000 }, async (_, t) => {
  const db = await databaseFor(t);
  const { cwd } = projectFor(t, db.url, files);
  const pods = await Promise.all(Array.from({ length: 10 }, () => hotstick(["up", "--json"], { cwd, url: db.url })));
  expect(pods.map(({ code, stderr }) => (code === 0 ? 0 : stderr))).toEqual(Array.from({ length: 10 }, () => 0));
  const applied = pods.flatMap(({ stdout }) => (JSON.parse(stdout) as { readonly applied: readonly string[] }).applied);
  expect(applied.sort()).toEqual(["1_items", "2_index", "3_rename", "4_unique"]);
  expect(await db.rows("select count(*)::int as n from pg_index where not indisvalid")).toEqual([{ n: 0 }]);
  expect(await db.rows("select count(*)::int as n from hotstick.claims")).toEqual([{ n: 0 }]);
});

// Ten pods start at once, round after round, with a concurrent build among their migrations: nobody deadlocks, nobody fails.
import { describe, expect, test } from "vitest";
import { type AppStand, firstAppStands } from "../../harness/app-stands.ts";
import { hotstick } from "../app/built.ts";
import { projectFor, script } from "../app/project.ts";

const rounds = process.env["HOTSTICK_SCOPE"] === "all" ? 50 : 2;

const filesFor = (stand: AppStand) => ({
  "1_items.sql": `create table items (id int primary key, code ${stand.text()}); insert into items select g, concat(g, '') from ${stand.series(2000)};`,
  "2_index.sql": `${stand.index("items_code on items (code)")};`,
  "3_rename.mjs": script([{ kind: "rename-column", table: "items", from: "code", to: "label" }]),
  "4_unique.mjs": script([{ kind: "add-index", table: "items", name: "items_label", unique: true, keys: [{ column: "label" }] }]),
});

/** Indexes that nobody can use, or that are missing. */
const broken = {
  postgres: "pg_index where not indisvalid",
  mariadb:
    "(select 'items_code' as name union all select 'items_label') w where not exists (select 1 from information_schema.statistics s where s.table_schema = database() and s.index_name = w.name)",
};

describe.each(firstAppStands)("on %s", (_, stand) => {
  test.for(Array.from({ length: rounds }, (_, i) => i + 1))("round %i", { timeout: 180_000 }, async (_, t) => {
    const db = await stand.databaseFor(t);
    const { cwd } = projectFor(t, db.url, filesFor(stand));
    const pods = await Promise.all(Array.from({ length: 10 }, () => hotstick(["up", "--json"], { cwd, url: db.url })));
    expect(pods.map(({ code, stderr }) => (code === 0 ? 0 : stderr))).toEqual(Array.from({ length: 10 }, () => 0));
    const applied = pods.flatMap(({ stdout }) => (JSON.parse(stdout) as { readonly applied: readonly string[] }).applied);
    expect(applied.sort()).toEqual(["1_items", "2_index", "3_rename", "4_unique"]);
    expect(await db.count(broken[stand.engine])).toBe(0);
    expect(await db.count("hotstick.claims")).toBe(0);
    expect(await db.count("items where label = concat(id, '')")).toBe(2000);
  });
});

// Names that read the same once they are joined: what is made for the one is not taken for the other's.
import { describe, expect, test } from "vitest";
import { lifecycleOf } from "../../harness/lifecycle.ts";
import { operationStands } from "../../harness/operation-stands.ts";

describe.each(operationStands)("%s", (_, stand) => {
  test("two columns whose names read the same behind their tables' are archived each", { timeout: 60_000 }, async (t) => {
    const db = await stand.databaseFor(t);
    await db.rows("create table users (id int primary key); create table users_profile (id int primary key)");
    await db.rows("insert into users values (1); insert into users_profile values (1)");
    const life = await lifecycleOf(db.url, [
      { kind: "add-column", table: "users", column: { name: "profile_name", type: "varchar(40)" }, fill: "'f'" },
      { kind: "add-column", table: "users_profile", column: { name: "name", type: "varchar(40)" }, fill: "'g'" },
    ]);
    await life.to("switch");
    await db.rows("update users set profile_name = 'precious'; update users_profile set name = 'dear'");
    await life.back("start");
    const tables = await db.rows("select table_name as name from information_schema.tables where table_schema = 'hotstick'");
    const archives = tables.map(({ name }) => String(name)).filter((name) => name.startsWith(`archived_${life.run}_`));
    const kept: unknown[] = [];
    for (const name of archives) kept.push(...(await db.rows(`select * from hotstick.${name}`)));
    expect(kept).toHaveLength(2);
    expect(kept).toEqual(expect.arrayContaining([expect.objectContaining({ profile_name: "precious" }), expect.objectContaining({ name: "dear" })]));
  });

  test("two transforms whose new columns read the same have a marker each", { timeout: 60_000 }, async (t) => {
    const db = await stand.databaseFor(t);
    await db.rows("create table t (id int primary key, a varchar(10) not null, b varchar(10) not null); insert into t values (1, 'x', 'y')");
    const one = { name: "x", type: "varchar(60)", up: "upper(a)" };
    const two = { name: "y", type: "varchar(60)", up: "lower(a)" };
    const life = await lifecycleOf(db.url, [
      { kind: "transform", table: "t", from: ["a"], to: [one, two], down: { a: "x" } },
      { kind: "transform", table: "t", from: ["b"], to: [{ name: "x_y", type: "varchar(60)", up: "upper(b)" }], down: { b: "lower(x_y)" } },
    ]);
    await life.to("switch");
    expect(await db.rows("select x, y, x_y from t")).toEqual([{ x: "X", y: "x", x_y: "Y" }]);
  });
});

// A created table on its way back: its rows are kept, and what it referenced is free again.
import { describe, expect, test } from "vitest";
import type { Operation } from "../../../src/operations/operation.ts";
import { nameFor } from "../../../src/schema/names.ts";
import { hasMariadb, mariadbDatabaseFor } from "../../harness/mariadb.ts";
import { lifecycleOf, planned } from "./lived.ts";

const notes: Operation = {
  kind: "create-table",
  table: "notes",
  columns: [
    { name: "id", type: "int" },
    { name: "parent", type: "int" },
    { name: "other", type: "int" },
    { name: "above", type: "int" },
  ],
  primaryKey: ["id"],
  foreignKeys: [
    { columns: ["parent"], table: "parents", references: ["id"] },
    { columns: ["parent"], table: "others", references: ["id"], onDelete: "cascade" },
    { name: "mine", columns: ["other"], table: "others", references: ["id"], onUpdate: "cascade" },
    { columns: ["above"], table: "notes", references: ["id"] },
  ],
};

const lay = `create table parents (id int primary key) engine = InnoDB; create table others (id int primary key) engine = InnoDB;
  insert into parents values (1), (2); insert into others values (1), (2);
  create table old_notes (parent int, constraint NOTES_parent_fkey foreign key (parent) references parents (id)) engine = InnoDB`;

describe.runIf(hasMariadb)("a created table", () => {
  test("has a name for each foreign key, which no other table's has, and gives all of them up on the way back", { timeout: 60_000 }, async (t) => {
    const db = await mariadbDatabaseFor(t);
    await db.rows(lay);
    const lived = await lifecycleOf(db, [notes]);
    await lived.to("drop");
    const keys = await db.rows<{ name: string }>(
      "select constraint_name as name from information_schema.referential_constraints where constraint_schema = database() and table_name = 'notes' order by 1",
    );
    expect(keys.map(({ name }) => name)).toEqual(["mine", "notes_above_fkey", "notes_parent_fkey2", "notes_parent_fkey3"]);
    await db.rows("insert into notes values (1, 1, 1, null), (2, 2, 2, 1)");
    await expect(db.rows("delete from parents where id = 1")).rejects.toThrow(/foreign key constraint fails/);

    await lived.undo("start");
    // Of our own archive, by its run: others of this server may have one too.
    const archive = `hotstick.\`${nameFor("archived_{{run}}", [db.name, "notes"], 64).replace("{{run}}", String(lived.run))}\``;
    expect(await db.rows(`select id, parent, other, above from ${archive} order by id`)).toEqual([
      { id: 1, parent: 1, other: 1, above: null },
      { id: 2, parent: 2, other: 2, above: 1 },
    ]);
    await db.rows("delete from parents where id = 1; update others set id = 7 where id = 1; drop table old_notes, parents, others");
    expect(await db.rows(`select count(*) as n from ${archive}`)).toEqual([{ n: "2" }]);
  });

  test("goes back where somebody dropped one of its foreign keys by hand", { timeout: 60_000 }, async (t) => {
    const db = await mariadbDatabaseFor(t);
    await db.rows(lay);
    const lived = await lifecycleOf(db, [notes]);
    await lived.to("drop");
    await db.rows("alter table notes drop foreign key mine");
    await lived.undo("start");
    await db.rows("drop table old_notes, parents, others");
  });

  test("is refused a name that another table's foreign key has", async (t) => {
    const db = await mariadbDatabaseFor(t);
    await db.rows(lay);
    const taken: Operation = { ...notes, foreignKeys: [{ name: "notes_PARENT_fkey", columns: ["parent"], table: "parents", references: ["id"] }] } as Operation;
    const { plan, findings } = await planned(db, [taken]);
    expect(plan).toBeNull();
    expect(findings).toMatchObject([
      { rule: "name-taken", severity: "refuse", subject: { kind: "constraint", name: expect.stringMatching(/notes_PARENT_fkey$/) } },
    ]);
  });
});

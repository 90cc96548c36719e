// The undo of a user's own statements, where each is a step: what goes with a table that the same statements made needs none of its own.
import { describe, expect, test } from "vitest";
import { type AppDatabase, firstAppStands } from "../../harness/app-stands.ts";
import { lifecycleOf, planFor, schemaDifference, schemaOf } from "../../harness/lifecycle.ts";

describe.each(firstAppStands)("on %s", (_, stand) => {
  const made = [
    `create table colours (id int primary key, name ${stand.text()})`,
    "insert into colours values (1, 'red'), (2, 'green')",
    "create table shades (id int primary key, colour int, foreign key (colour) references colours (id))",
    "alter table colours add column hex char(6)",
    stand.index("colours_name on colours (name)"),
    "update colours set hex = 'ff0000' where id = 1",
  ];
  const operation = (statements: readonly string[], undo: readonly string[]) => ({ kind: "sql" as const, phase: "expand" as const, statements, undo });
  const rule = (db: AppDatabase, statements: readonly string[], undo: readonly string[]): Promise<string> =>
    planFor(db.url, [operation(statements, undo)]).then(
      ({ steps }) => `${steps.length} steps`,
      (error: Error) => error.message,
    );

  test.for([
    ["in the order of going back", ["drop table shades", "drop table colours"]],
    ["in the order of their making", ["drop table colours", "drop table shades"]],
  ] as const)("dropped tables take along what was put into them, %s, from every step", async ([, undo], t) => {
    const db = await stand.databaseFor(t);
    const before = await schemaOf(db.url);
    for (let stop = 1, ended = false; !ended; stop++) {
      let met = 0;
      const life = await lifecycleOf(db.url, [operation(made, undo)], {
        name: `stopped ${stop}`,
        checkpoint: (point) => {
          if (point === "step:after" && ++met === stop) throw new Error("stopped");
        },
      });
      ended = life.plan.steps.length === stop;
      await life.to("expand").catch((error: Error) => expect(error.message).toContain("stopped"));
      expect(met).toBe(stop);
      if (ended) expect(await db.rows("select name, hex from colours order by id")).toMatchObject([{ hex: "ff0000" }, { hex: null }]);
      await life.back("start");
      expect(schemaDifference(before, await schemaOf(db.url))).toEqual([]);
    }
  });

  test("what a drop would not take along, or might not find, is not guessed at", async (t) => {
    const db = await stand.databaseFor(t);
    await db.rows("create table others (id int primary key, n int)");
    const [create, index] = [made[0] ?? "", made[4] ?? ""];
    const drop = ["drop table colours"];
    expect(await rule(db, [create, index], drop)).toMatch(/^\d steps$/);
    expect(await rule(db, [create, index, "update others set n = 1"], drop)).toContain("undo-not-paired");
    expect(await rule(db, [create, index, "create view reds as select id from colours"], drop)).toContain("undo-not-paired");
    expect(await rule(db, [create, index, "alter table colours rename to hues"], drop)).toContain("undo-not-paired");
    expect(await rule(db, [create, index], ["drop table others"])).toContain("undo-not-paired");
    expect(await rule(db, [create, made[2] ?? "", index], drop)).toContain("undo-not-paired");
    expect(await rule(db, [create, made[2] ?? "", index], ["drop table shades, colours"])).toContain("undo-not-paired");
    // Before it is made, nothing goes with it.
    expect(await rule(db, ["insert into others values (1, 1)", create, index], drop)).toContain("undo-not-paired");
  });
});

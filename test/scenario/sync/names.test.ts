// Names are no special case, and users' triggers fire before ours whatever they are called.
import { describe, expect, test } from "vitest";
import { quoteName } from "../../../src/dialects/postgres/quoting.ts";
import { majors } from "../../harness/majors.ts";
import { databaseFor } from "../../harness/servers.ts";
import { lay } from "./laid.ts";
import { copy, newColumn, transform } from "./shapes.ts";

const long = (text: string): string => text.padEnd(63, "x");
const names = ["select", "NEW", "old", 'quo"te', "a.b", "😀", "Ünï çødé", "it's", "back\\slash", "$hotstick$", "new_", long("long"), "tg_op", "done_1"];

describe.each(majors)("names on PostgreSQL %i", (major) => {
  test.for(names)("%s names a column, a table and a schema", async (name, t) => {
    const db = await databaseFor(t, major);
    const q = quoteName([name]);
    const other = name.length > 60 ? `${name.slice(0, 60)}yyy` : `${name}2`;
    await db.rows(`create schema ${q}; create table ${q}.${q} (id int primary key, ${q} text default 'none', ${quoteName([`${other.slice(0, 62)}c`])} int)`);
    const link = transform({
      old: [name],
      new: [newColumn(other, "text")],
      up: [`upper(${q})`],
      down: [`lower(${quoteName([other])})`],
      marker: `${other.slice(0, 61)}_m`,
    });
    const laid = await lay(db, `${q}.${q}`, [link, copy(`${other.slice(0, 62)}c`, `${other.slice(0, 62)}d`, "int")]);
    await db.rows(
      `insert into ${q}.${q} (id, ${q}) values (1, 'ada'); insert into ${q}.${q} (id, ${quoteName([other])}) values (2, 'BOB'); update ${q}.${q} set ${q} = 'cy' where id = 2; update ${q}.${q} set ${quoteName([other])} = 'DEE' where id = 1`,
    );
    expect(await db.rows(`select ${q} as o, ${quoteName([other])} as n from ${q}.${q} order by id`)).toEqual([
      { o: "dee", n: "DEE" },
      { o: "cy", n: "CY" },
    ]);
    expect(await laid.bad()).toBe(0);
    await laid.lift();
  });

  test.for(["a", "zzz", "~~~", "~hotstick_sync_update2", "élan", long("~"), long("ü").slice(0, 40), "😀"])(
    "ours fire after a user's trigger called %s",
    async (name, t) => {
      const db = await databaseFor(t, major);
      await db.rows(`create table people (id int primary key, name text);
      create function tidy() returns trigger language plpgsql as $$ begin new.name := btrim(new.name); return new; end $$;
      create trigger ${quoteName([name])} before insert or update on people for each row execute function tidy()`);
      await lay(db, "people", [transform({ old: ["name"], new: [newColumn("shout", "text")], up: ["upper(name)"], down: ["lower(shout)"] })]);
      await db.rows(
        "insert into people (id, name) values (1, '  ada '); insert into people (id, name) values (2, 'bob'); update people set name = ' cy ' where id = 2",
      );
      expect(await db.rows("select name, shout from people order by id")).toEqual([
        { name: "ada", shout: "ADA" },
        { name: "cy", shout: "CY" },
      ]);
    },
  );

  test("a user's trigger that changes an unnamed column is seen; without one a long value that nobody names costs nothing", async (t) => {
    const db = await databaseFor(t, major);
    await db.rows("create table people (id int primary key, name text, visits int default 0)");
    const link = transform({ old: ["name"], new: [newColumn("shout", "text")], up: ["upper(name)"], down: ["lower(shout)"] });
    const first = await lay(db, "people", [link]);
    // Out of line and not compressed, so that reading it touches pages of its own.
    await db.rows(
      "alter table people alter name set storage external, alter shout set storage external; insert into people (id, name) values (1, repeat('x', 1000000))",
    );
    const read = async (): Promise<number> => {
      const client = await db.connect();
      const { rows } = await client.query("explain (analyze, buffers, format json) update people set visits = visits + 1");
      return (rows[0]["QUERY PLAN"] as [{ Plan: Record<string, number> }])[0].Plan["Shared Hit Blocks"] ?? 0;
    };
    expect(await read()).toBeLessThan(50);
    await first.lift();
    await db.rows(`create function count_visits() returns trigger language plpgsql as $$ begin new.name := 'visit ' || new.visits; return new; end $$;
      create trigger visits before update on people for each row execute function count_visits()`);
    await lay(db, "people", [link], { bare: true, serial: "second" });
    await db.rows("update people set visits = 7");
    expect(await db.rows("select name, shout from people")).toEqual([{ name: "visit 7", shout: "VISIT 7" }]);
  });
});

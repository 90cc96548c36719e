// A column that keeps its name and changes its shape: names and direction turn in one ALTER, and no trigger is touched.
import { describe, expect, test } from "vitest";
import { quoteName } from "../../../src/dialects/mysql/quoting.ts";
import { addFlags, checkSwap, turn } from "../../../src/dialects/mysql/sync/flags.ts";
import { creationSettings } from "../../../src/dialects/mysql/sync/statements.ts";
import { hasMariadb, here, type MariadbDatabase, mariadbDatabaseFor, ownMariadbFor } from "../../harness/mariadb.ts";
import { inputFor, type Laid, lay } from "./laid.ts";
import { copy, newColumn, oldColumn, transform } from "./shapes.ts";

const hidden = "hotstick_new_price";
/** Prices are whole numbers, as INT and as VARCHAR: legal in both shapes. */
const retyped = transform({
  old: [oldColumn("price", hidden)],
  new: [newColumn("price", "varchar(20)", { hidden })],
  up: ["cast(`price` as char)"],
  down: [["cast(`price` as signed)", { total: false }]],
});

/** Both definitions under both names; what steps aside is hidden, and so needs a default. */
const definitions = {
  there: new Map([
    ["price", "int not null default -2147483648 invisible"],
    [hidden, "varchar(20) null"],
  ]),
  back: new Map([
    ["price", "varchar(20) null invisible"],
    [hidden, "int not null default -2147483648"],
  ]),
};
const clause =
  (direction: "there" | "back") =>
  (from: string, to: string): string => {
    const definition = definitions[direction].get(from);
    return definition === undefined
      ? `rename column ${quoteName([from])} to ${quoteName([to])}`
      : `change column ${quoteName([from])} ${quoteName([to])} ${definition}`;
  };

async function goods(db: MariadbDatabase, rows: number): Promise<Laid> {
  await db.rows(
    `create table goods (id int primary key, price int not null, note int not null default 0); insert into goods (id, price) select seq, seq from seq_1_to_${rows}`,
  );
  const laid = await lay(db, "goods", [retyped], { standIns: { price: "-2147483648" } });
  await laid.batch();
  return laid;
}

const swap = (laid: Laid, direction: "there" | "back"): string => turn(laid.input, direction, clause(direction));

describe.runIf(hasMariadb)("the swap of names on MariaDB", () => {
  test("there and back: one instant statement, both sides in step, and only the served shape is seen", async (t) => {
    const db = await mariadbDatabaseFor(t);
    const laid = await goods(db, 3);
    const switched = { ...laid, input: { ...laid.input, stage: "switched" as const } };
    const sides = () => db.rows(`select price, ${hidden} as other, hotstick_side as side from goods order by id`);
    await db.rows("update goods set price = 10 where id = 1");
    await db.rows(swap(laid, "there"));
    expect(await db.rows("select * from goods where id = 1")).toEqual([{ id: 1, price: "10", note: 0 }]);
    await db.rows("update goods set price = '20' where id = 2; insert into goods (id, price) values (4, '4'); update goods set note = 5");
    await db.rows(`update goods set ${hidden} = 30 where id = 3`);
    expect(await sides()).toEqual([
      { price: "10", other: 10, side: 1 },
      { price: "20", other: 20, side: 2 },
      { price: "30", other: 30, side: 1 },
      { price: "4", other: 4, side: 2 },
    ]);
    expect(await lay(db, "goods", [retyped], { ...switched.input, bare: true, planned: laid.input.columns }).then((again) => again.bad())).toBe(0);
    await db.rows(swap(laid, "back"));
    await db.rows("update goods set price = 40 where id = 4; insert into goods (id, price) values (5, 5)");
    expect(await db.rows("select * from goods where id > 3 order by id")).toEqual([
      { id: 4, price: 40, note: 5 },
      { id: 5, price: 5, note: 0 },
    ]);
    expect(await laid.bad()).toBe(0);
    expect(await laid.unfilled()).toBe(0);
  });

  test("50 swaps to and fro under 8 prepared writers of the swapped column: no error, no wrong read, nothing lost", async (t) => {
    const db = await mariadbDatabaseFor(t);
    const laid = await goods(db, 80);
    const errors: string[] = [];
    const wrong: string[] = [];
    let on = true;
    let statements = 0;
    let slowest = 0;
    const last = new Map<number, string>();
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      const client = await db.connect();
      for (let turn = 1; on; turn += 1) {
        const key = writer + 1 + 8 * (turn % 10);
        const value = String(turn * 8 + writer);
        const began = Date.now();
        try {
          if (turn % 3 === 0) await client.execute("insert into goods (id, price) values (?, ?) on duplicate key update price = values(price)", [key, value]);
          else await client.execute("update goods set price = ? where id = ?", [value, key]);
          last.set(key, value);
          const [rows] = await client.execute("select price from goods where id = ?", [key]);
          const read = (rows as unknown as readonly { price: unknown }[])[0]?.price;
          if (String(read) !== value) wrong.push(`${key}: ${String(read)} instead of ${value}`);
          statements += 2;
        } catch (error) {
          errors.push((error as Error).message);
        }
        slowest = Math.max(slowest, Date.now() - began);
      }
    });
    const client = await db.connect();
    for (let i = 0; i < 25; i += 1)
      for (const direction of ["there", "back"] as const) {
        await client.query(swap(laid, direction));
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    on = false;
    await Promise.all(writers);
    expect(errors).toEqual([]);
    expect(wrong).toEqual([]);
    expect(statements).toBeGreaterThan(200);
    expect(slowest).toBeLessThan(2_000);
    const found = new Map((await db.rows<{ id: number; price: number }>("select id, price from goods")).map(({ id, price }) => [id, String(price)]));
    for (const [key, value] of last) expect([key, found.get(key)]).toEqual([key, value]);
    expect(await laid.unfilled()).toBe(0);
    expect(await laid.bad()).toBe(0);
  });

  test("renamed without the flag the triggers write the wrong way round", async (t) => {
    const db = await mariadbDatabaseFor(t);
    const laid = await goods(db, 3);
    const naked = swap(laid, "there").replace(/, rename column `hotstick_a`.*?`hotstick_a`/, "");
    expect(naked).not.toContain("hotstick_a");
    await db.rows(naked);
    await db.rows("update goods set price = '20' where id = 2");
    const [row] = await db.rows<{ side: number }>("select hotstick_side as side from goods where id = 2");
    // Taken for a write of the old side.
    expect(row?.side).toBe(1);
  });

  test("a virtual column needs an ALTER of its own, and names that differ between the stages are refused", async (t) => {
    const db = await mariadbDatabaseFor(t);
    await db.rows("create table goods (id int primary key, price int not null)");
    const input = await inputFor(db, "goods", [retyped]);
    // MySQL's flags are plain columns.
    if (here?.given?.engine !== "mysql")
      await expect(db.rows(addFlags(input).replace(", algorithm", ", add column other int null, algorithm"))).rejects.toMatchObject({ errno: 1846 });
    await db.rows(addFlags(input));
    const apart = transform({
      ...{ old: [oldColumn("price", "hotstick_old_price")], new: [newColumn("price", "varchar(20)", { hidden })], up: ["`price`"], down: ["`price`"] },
    });
    expect(() => checkSwap({ ...input, links: [apart] })).toThrow(/same names/);
    expect(() => checkSwap({ ...input, links: [retyped, copy("id", "number", "int")] })).not.toThrow();
  });

  test("kill -9 of the server in a loop of swaps and new triggers: names, flag and triggers are of one shape", { timeout: 120_000 }, async (t) => {
    const server = await ownMariadbFor(t, { durable: true });
    const db = await mariadbDatabaseFor(t, server);
    const laid = await goods(db, 3);
    const replace = laid.statements.create.map((one) => laid.fill(one));
    for (let round = 0; round < 6; round += 1) {
      let on = true;
      const loop = async (texts: readonly string[]): Promise<void> => {
        try {
          const client = await db.connect();
          await client.query(creationSettings.join(";"));
          while (on) for (const text of texts) await client.query(text);
        } catch {
          // The server is gone, which is what this is about.
        }
      };
      // Who begins where does not matter: the walk back is the same statement the other way round.
      const [shape] = await db.rows<{ type: string }>(
        "select column_type as type from information_schema.columns where table_schema = database() and table_name = 'goods' and column_name = 'price'",
      );
      const order = /int/.test(shape?.type ?? "") ? (["there", "back"] as const) : (["back", "there"] as const);
      const loops = [loop(order.map((direction) => swap(laid, direction))), loop(replace)];
      await new Promise((resolve) => setTimeout(resolve, 60 + 37 * round));
      await server.kill();
      on = false;
      await Promise.all(loops);
      await server.restart();
      const columns = await db.rows<{ name: string; type: string; expression: string }>(
        "select column_name as name, column_type as type, generation_expression as expression from information_schema.columns where table_schema = database() and table_name = 'goods'",
      );
      const of = (name: string) => columns.find((column) => column.name === name);
      const expanded = /int/.test(of("price")?.type ?? "");
      expect([/int/.test(of(hidden)?.type ?? ""), of("hotstick_a")?.expression, of("hotstick_b")?.expression]).toEqual([
        !expanded,
        expanded ? "1" : "0",
        expanded ? "0" : "1",
      ]);
      expect(await laid.misplaced()).toEqual([]);
      await db.rows(`update goods set price = '${100 + round}' where id = 1`);
      expect(await db.rows(`select cast(price as char) as price, cast(${hidden} as char) as other, hotstick_side as side from goods where id = 1`)).toEqual([
        { price: String(100 + round), other: String(100 + round), side: expanded ? 1 : 2 },
      ]);
    }
  });
});

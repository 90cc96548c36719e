// Writers on both sides while the sync is laid, filled and lifted: the orders that lose writes, and ours.
import type { Connection } from "mysql2/promise";
import { describe, expect, test } from "vitest";
import { creationSettings, together } from "../../../src/dialects/mysql/sync/statements.ts";
import { hasMariadb, type MariadbDatabase, mariadbDatabaseFor } from "../../harness/mariadb.ts";
import { additions, inputFor, type Laid, lay } from "./laid.ts";
import { newColumn, transform } from "./shapes.ts";

type Test = Parameters<typeof mariadbDatabaseFor>[0];

/** down loses what stands behind the point, so a batch that overwrites new code's value is seen. */
const amount = transform({ old: ["price"], new: [newColumn("amount", "decimal(12,2)")], up: ["`price`"], down: ["floor(`amount`)"] });

async function goods(t: Test, rows: number): Promise<MariadbDatabase> {
  const db = await mariadbDatabaseFor(t);
  await db.rows(
    `create table goods (id int primary key auto_increment, price int not null, note int not null default 0); insert into goods (id, price) select seq, seq from seq_1_to_${rows}`,
  );
  return db;
}

interface Traffic {
  /** Last value that new code wrote, by key. */
  readonly wrote: ReadonlyMap<number, string>;
  readonly statements: number;
  readonly errors: readonly string[];
  stop(): Promise<void>;
}

/** Writers that go on until they are stopped; each has keys of its own, so the last write of each is known. */
async function traffic(
  db: MariadbDatabase,
  writers: number,
  write: (client: Connection, key: number, turn: number, wrote: Map<number, string>) => Promise<void>,
  keys: number,
): Promise<Traffic> {
  const wrote = new Map<number, string>();
  const errors: string[] = [];
  let on = true;
  let statements = 0;
  const loops = Array.from({ length: writers }, async (_, writer) => {
    const client = await db.connect();
    for (let turn = 0; on; turn += 1) {
      const key = writer + 1 + writers * ((turn * 7919) % Math.floor(keys / writers));
      try {
        await write(client, key, turn, wrote);
        statements += 1;
      } catch (error) {
        errors.push((error as Error).message);
      }
    }
  });
  return {
    wrote,
    errors,
    get statements() {
      return statements;
    },
    async stop() {
      on = false;
      await Promise.all(loops);
    },
  };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Every second write is new code's. */
const eitherSide = async (client: Connection, key: number, turn: number, wrote: Map<number, string>): Promise<void> => {
  if (turn % 2 === 0) {
    await client.execute("update goods set price = ? where id = ?", [turn + 1, key]);
    wrote.delete(key);
  } else {
    const value = `${turn}.25`;
    await client.execute("update goods set amount = ? where id = ?", [value, key]);
    wrote.set(key, value);
  }
};

async function lost(db: MariadbDatabase, wrote: ReadonlyMap<number, string>): Promise<number> {
  const found = new Map((await db.rows<{ id: number; amount: string }>("select id, amount from goods")).map(({ id, amount }) => [id, amount]));
  return [...wrote].filter(([key, value]) => found.get(key) !== value).length;
}

describe.runIf(hasMariadb)("races on MariaDB", () => {
  test.for([
    ["naive", true],
    ["ours", false],
  ] as const)("a backfill among writers of both sides: %s", async ([, naive], t) => {
    const db = await goods(t, 8_000);
    const laid = await lay(db, "goods", [amount]);
    const running = await traffic(db, 4, eitherSide, 8_000);
    await pause(150);
    for (let from = 1; from <= 8_000; from += 250) {
      const range = `id between ${from} and ${from + 249}`;
      if (naive) await db.rows(laid.fill(`update goods set amount = price, hotstick_side = 4 * {{generation}} + 1 where ${range}`));
      else await laid.batch(range);
    }
    await running.stop();
    expect(running.errors).toEqual([]);
    const gone = await lost(db, running.wrote);
    if (naive) expect(gone).toBeGreaterThan(0);
    else {
      expect(gone).toBe(0);
      expect(await laid.unfilled()).toBe(0);
      expect(await laid.bad()).toBe(0);
    }
  });

  test.for([
    ["INSERT trigger first", true],
    ["ours: UPDATE trigger first", false],
  ] as const)("laying the sync while rows are inserted and updated: %s", async ([, wrong], t) => {
    const db = await goods(t, 8);
    const input = await inputFor(db, "goods", [amount]);
    const laid: Laid = await lay(db, "goods", [amount]);
    await laid.lift();
    expect(additions(input)).toHaveLength(2);
    // Old code only: it inserts a row and updates it at once.
    const running = await traffic(
      db,
      4,
      async (client, _key, turn) => {
        const [result] = await client.execute("insert into goods (price) values (?)", [turn]);
        await client.execute("update goods set price = price + 1000000 where id = ?", [(result as { insertId: number }).insertId]);
      },
      8,
    );
    const [update = "", insert = ""] = laid.statements.create.map((one) => laid.fill(one));
    await pause(100);
    for (const statement of wrong ? [insert, update] : [update, insert]) {
      await db.rows([...creationSettings, statement].join(";\n"));
      await pause(150);
    }
    await running.stop();
    expect(running.errors).toEqual([]);
    const stale = await laid.stale();
    if (wrong) expect(stale).toBeGreaterThan(0);
    else expect(stale).toBe(0);
    await laid.batch();
    expect(await laid.bad()).toBe(stale);
  });

  test.for([
    ["UPDATE trigger first", true],
    ["ours: INSERT trigger first", false],
  ] as const)("lifting the sync: %s; a row that is marked filled and stale needs both to have been there", async ([, wrong], t) => {
    const db = await goods(t, 8);
    const laid = await lay(db, "goods", [amount]);
    const stop = laid.statements.drop;
    const running = await traffic(
      db,
      4,
      async (client, _key, turn) => {
        const [result] = await client.execute("insert into goods (price) values (?)", [turn]);
        await client.execute("update goods set price = price + 1000000 where id = ?", [(result as { insertId: number }).insertId]);
      },
      8,
    );
    await pause(50);
    const [first = "", second = ""] = wrong ? stop.toReversed() : stop;
    await db.rows(first);
    await pause(150);
    const stale = await laid.stale();
    await db.rows(second);
    await running.stop();
    // A row that is between its two statements right now is counted by neither.
    if (wrong) expect(stale).toBeGreaterThan(8);
    else expect(stale).toBe(0);
  });

  test("taking it down and up again as one packet under prepared writers of the old side: no error, and nothing stale", async (t) => {
    const db = await goods(t, 400);
    const laid = await lay(db, "goods", [amount]);
    await laid.batch();
    const running = await traffic(
      db,
      8,
      (client, key, turn, wrote) => (turn % 3 === 0 ? eitherSide(client, key, 1 + 2 * turn, wrote) : eitherSide(client, key, 2 * turn, wrote)),
      400,
    );
    const slow: number[] = [];
    for (let cycle = 0; cycle < 15; cycle += 1) {
      const began = Date.now();
      await db.rows(
        [
          ...creationSettings,
          "set session wait_timeout = 1",
          ...together(
            laid.input.table,
            [...laid.statements.drop, ...laid.statements.create].map((one) => laid.fill(one)),
          ),
        ].join(";\n"),
      );
      slow.push(Date.now() - began);
      await pause(20);
    }
    await running.stop();
    expect(running.errors).toEqual([]);
    expect(running.statements).toBeGreaterThan(100);
    expect(await lost(db, running.wrote)).toBe(0);
    expect(await laid.bad()).toBe(0);
    // The packet locks the table for as long as it takes; a stall is what the lock budget is for.
    expect(slow.toSorted((a, b) => a - b)[7]).toBeLessThan(1_000);
  });
});

// Writers of both sides and batches at once: whatever was written last must be what both sides hold.
import type pg from "pg";
import { describe, expect, test } from "vitest";
import { syncStatements } from "../../../src/dialects/postgres/sync/statements.ts";
import { majors } from "../../harness/majors.ts";
import { databaseFor } from "../../harness/servers.ts";
import { lay } from "./laid.ts";
import { newColumn, transform } from "./shapes.ts";

/** Down loses the cents: a batch that overwrote what new code wrote would leave rows that look right. */
const price = transform({ old: ["price"], new: [newColumn("amount", "numeric")], up: ["price"], down: ["floor(amount)::int"] });
const rows = 600;
const least = 4_000;

interface Write {
  /** How many writes the row has had: the server's order. */
  readonly at: number;
  readonly price: number;
  readonly amount: string;
}

/** A number that tells its writer and its turn, so that no two writes are alike. */
const money = (writer: number, turn: number): number => 1_000_000 * (writer + 1) + turn;

async function write(client: pg.Client, writer: number, isDone: () => boolean, model: Map<number, Write>): Promise<number> {
  const old = writer % 2 === 0;
  let turn = 0;
  for (; !isDone() || turn < least / 4; turn += 1) {
    const value = money(writer, turn);
    const said: Omit<Write, "at"> = old ? { price: value, amount: String(value) } : { price: value, amount: `${value}.25` };
    const fresh = turn % 20 === 19;
    const id = fresh ? 10_000 * (writer + 1) + turn : 1 + Math.floor(Math.random() * rows);
    const column = old ? "price" : "amount";
    const { rows: done } = fresh
      ? await client.query<{ writes: number }>({
          name: "insert",
          text: `insert into goods (id, ${column}, writes) values ($1, $2, 1) returning writes`,
          values: [id, said[column]],
        })
      : await client.query<{ writes: number }>({
          name: "update",
          text: `update goods set ${column} = $2, writes = writes + 1 where id = $1 returning writes`,
          values: [id, said[column]],
        });
    const at = done[0]?.writes ?? 0;
    if (at > (model.get(id)?.at ?? 0)) model.set(id, { at, ...said });
  }
  return turn;
}

describe.each(majors)("a race on PostgreSQL %i", (major) => {
  test("no write is lost to a batch, to another writer or to the other side", async (t) => {
    const db = await databaseFor(t, major);
    await db.rows(
      `create table goods (id int primary key, price int not null, writes int not null default 0); insert into goods select i, i from generate_series(1, ${rows}) i`,
    );
    const laid = await lay(db, "goods", [price]);
    const model = new Map<number, Write>();
    let filled = false;
    const clients = await Promise.all([0, 1, 2, 3].map(() => db.connect()));
    const writers = clients.map((client, writer) => write(client, writer, () => filled, model));
    for (let from = 1; from <= rows; from += 20) await laid.batch(`id >= ${from} and id < ${from + 20}`);
    filled = true;
    const turns = await Promise.all(writers);
    expect(turns.reduce((a, b) => a + b)).toBeGreaterThanOrEqual(least);
    expect(await laid.pending()).toBe(0);
    expect(await laid.bad()).toBe(0);
    const found = await db.rows<{ id: number; price: number; amount: string }>("select id, price, amount::text as amount from goods");
    const wrong = found.filter(({ id, price, amount }) => {
      const last = model.get(id) ?? { price: id, amount: String(id) };
      return last.price !== price || last.amount !== amount;
    });
    expect(wrong).toEqual([]);
  });

  test("a stage replaces another under prepared writers: no error, no row apart", async (t) => {
    const db = await databaseFor(t, major);
    await db.rows(
      `create table goods (id int primary key, price int not null, writes int not null default 0); insert into goods select i, i from generate_series(1, ${rows}) i`,
    );
    const first = await lay(db, "goods", [price], { serial: "cycle_0" });
    await first.batch();
    const model = new Map<number, Write>();
    let stopped = false;
    const clients = await Promise.all([0, 1, 2, 3].map(() => db.connect()));
    const writers = clients.map((client, writer) => write(client, writer, () => stopped, model));
    let before = first.input;
    for (let cycle = 1; cycle <= 10; cycle += 1) {
      const next = { ...first.input, stage: cycle % 2 === 0 ? "expanded" : "switched", serial: `cycle_${cycle}` } as const;
      const statements = ["begin", "lock table goods in share row exclusive mode", ...syncStatements(before).drop, ...syncStatements(next).create, "commit"];
      await db.rows(statements.map((one) => first.fill(one)).join(";\n"));
      before = next;
    }
    stopped = true;
    await Promise.all(writers);
    expect(await first.bad()).toBe(0);
    expect(await first.pending()).toBe(0);
  });
});

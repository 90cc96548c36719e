// Old and new code write all the time while a run goes there and back: nobody meets an error, and nothing that was written is lost.
import type { Connection } from "mysql2/promise";
import { describe, expect, test } from "vitest";
import type { Operation } from "../../../src/operations/operation.ts";
import { hasMariadb, type MariadbDatabase, mariadbDatabaseFor, onMysql } from "../../harness/mariadb.ts";
import { lifecycleOf, look } from "./lived.ts";

/** Writes rows of its own, one statement after another, until stopped; remembers what was acknowledged. */
class Writer {
  readonly errors: string[] = [];
  readonly last = new Map<number, string>();
  slowestMs = 0;
  statements = 0;
  private stopped = false;
  private working: Promise<void>;

  constructor(
    connection: Connection,
    work: (n: number) => { readonly sql: string; readonly values: readonly (string | number)[]; readonly id: number; readonly value: string | null },
  ) {
    this.working = this.loop(connection, work);
  }

  private async loop(connection: Connection, work: ConstructorParameters<typeof Writer>[1]): Promise<void> {
    for (let n = 1; !this.stopped; n += 1) {
      const { sql, values, id, value } = work(n);
      const since = Date.now();
      try {
        await connection.execute(sql, [...values]);
        this.statements += 1;
        if (value === null) this.last.delete(id);
        else this.last.set(id, value);
      } catch (error) {
        this.errors.push(`${sql}: ${(error as Error).message}`);
      }
      this.slowestMs = Math.max(this.slowestMs, Date.now() - since);
    }
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.working;
  }
}

interface Case {
  readonly create: string;
  readonly operations: readonly Operation[];
  readonly accept?: readonly string[];
  /** The column that old code writes and the one that new code writes, and the value of a number on each side. */
  readonly old: { readonly column: string; value(n: number): string };
  readonly fresh: { readonly column: string; value(n: number): string };
  /** One name means the old shape until switch and the new one after it: both sides write what is legal in both. */
  readonly swapped?: true;
  /** What the rows hold that nobody writes, over their id; absent: `name` and the id. */
  readonly seed?: (id: string) => string;
}

const cases: readonly (readonly [string, Case])[] = [
  [
    "rename",
    {
      create: "create table t (id int primary key, name varchar(100) not null, n int not null default 0) engine = InnoDB",
      operations: [{ kind: "rename-column", table: "t", from: "name", to: "called" }],
      old: { column: "name", value: (n) => `name ${n}` },
      fresh: { column: "called", value: (n) => `name ${n}` },
    },
  ],
  [
    "rename with what hangs on it",
    {
      // MySQL renames no column that a check or a generated column names.
      create: `create table p (k int primary key) engine = InnoDB; insert into p select seq - 1 from seq_1_to_50; create table t (id int primary key, v int not null, n int not null default 0, ${onMysql ? "" : "g int as (`v` + 1) stored, constraint c check (v < 50), "}constraint f foreign key (v) references p (k) on delete cascade) engine = InnoDB`,
      operations: [{ kind: "rename-column", table: "t", from: "v", to: "w" }],
      old: { column: "v", value: (n) => String(n % 50) },
      fresh: { column: "w", value: (n) => String(n % 50) },
      seed: (id) => `${id} % 50`,
    },
  ],
  [
    "transform",
    {
      create: "create table t (id int primary key, name varchar(100) not null, n int not null default 0) engine = InnoDB",
      operations: [
        {
          kind: "transform",
          table: "t",
          from: ["name"],
          to: [{ name: "shout", type: "varchar(120)", notNull: true, up: "concat(name, '!')" }],
          down: { name: "left(shout, char_length(shout) - 1)" },
        },
      ],
      old: { column: "name", value: (n) => `name ${n}` },
      fresh: { column: "shout", value: (n) => `name ${n}!` },
    },
  ],
  [
    "retype under one name",
    {
      create: "create table t (id int primary key, v int not null, n int not null default 0) engine = InnoDB",
      operations: [
        {
          kind: "transform",
          table: "t",
          from: ["v"],
          to: [{ name: "v", type: "varchar(40)", notNull: true, up: "cast(v as char)" }],
          down: { v: "cast(v as signed)" },
        },
      ],
      accept: ["swaps-names"],
      old: { column: "v", value: (n) => String(n) },
      fresh: { column: "v", value: (n) => String(n) },
      swapped: true,
      seed: (id) => id,
    },
  ],
];

const named = (id: string): string => `concat('name ', ${id})`;
const perWriter = 200;

/** Inserts, updates, upserts, REPLACE, deletes and writes of another column, of ids from `first` on. */
const workOf =
  (first: number, column: string, value: (n: number) => string) =>
  (n: number): ReturnType<ConstructorParameters<typeof Writer>[1]> => {
    const id = first + ((n * 7) % perWriter);
    const written = value(n);
    switch (n % 5) {
      case 0:
        return {
          sql: `insert into t (id, ${column}) values (?, ?) on duplicate key update ${column} = values(${column})`,
          values: [id, written],
          id,
          value: String(n),
        };
      case 1:
        return { sql: `replace into t (id, ${column}) values (?, ?)`, values: [id, written], id, value: String(n) };
      case 2:
        return {
          sql: `insert into t (id, ${column}, n) values (?, ?, 1) on duplicate key update ${column} = ?, n = n + 1`,
          values: [id, written, written],
          id,
          value: String(n),
        };
      case 3:
        return { sql: "delete from t where id = ?", values: [id], id, value: null };
      default:
        return { sql: `insert into t (id, ${column}) select ?, ? on duplicate key update ${column} = ?`, values: [id, written, written], id, value: String(n) };
    }
  };

/** Rows that differ from what a writer was told. */
async function lost(db: MariadbDatabase, writer: Writer, first: number, column: string, value: (n: number) => string): Promise<readonly string[]> {
  const rows = await db.rows<{ id: number; v: string }>(`select id, cast(${column} as char) as v from t where id >= ${first} and id < ${first + perWriter}`);
  const found = new Map(rows.map(({ id, v }) => [id, v]));
  const ids = new Set([...found.keys(), ...writer.last.keys()]);
  return [...ids].flatMap((id) => {
    const n = writer.last.get(id);
    const wanted = n === undefined ? undefined : value(Number(n));
    return found.get(id) === wanted ? [] : [`${id}: ${found.get(id)} instead of ${wanted}`];
  });
}

describe.runIf(hasMariadb)("writers at work", () => {
  test.for(cases)(
    "%s, there and back",
    { timeout: 120_000 },
    async ([, { create, operations, accept, old, fresh, swapped, seed = named }], { task, onTestFinished }) => {
      const db = await mariadbDatabaseFor({ task, onTestFinished });
      await db.rows(`${create}; insert into t (id, ${old.column}) select seq, ${seed("seq")} from seq_1_to_20000`);
      const before = (await look(db, "t")).create;
      const run = await lifecycleOf(db, operations, { ...(accept ? { accept } : {}), carry: { maxTries: 60 } });
      const [oldId, newId] = [100_000, 200_000];
      const start = async (first: number, side: Case["old"]): Promise<Writer> => new Writer(await db.connect(), workOf(first, side.column, side.value));
      const check = async (writer: Writer, first: number, side: Case["old"]): Promise<void> => {
        await writer.stop();
        expect(writer.errors).toEqual([]);
        expect(writer.statements).toBeGreaterThan(20);
        expect(await lost(db, writer, first, side.column, side.value)).toEqual([]);
      };

      const a = await start(oldId, old);
      await run.to("backfill");
      const b = await start(newId, fresh);
      await run.to("switch");
      await check(a, oldId, swapped ? fresh : old);
      // What old code wrote reads as new code would have written it.
      expect(await lost(db, a, oldId, fresh.column, fresh.value)).toEqual([]);
      await run.to("retire");
      await run.back("switch");
      const c = await start(oldId + 1000, old);
      await run.back("backfill");
      await check(b, newId, swapped ? old : fresh);
      expect(await lost(db, b, newId, old.column, old.value)).toEqual([]);
      const d = swapped ? null : await start(newId + 1000, fresh);
      await run.to("switch");
      await run.back("backfill");
      if (d) {
        await check(d, newId + 1000, fresh);
        expect(await lost(db, d, newId + 1000, old.column, old.value)).toEqual([]);
      }
      await check(c, oldId + 1000, old);
      await run.to("switch");
      const e = await start(newId + 2000, fresh);
      await run.to("drop");
      await run.undo("switch");
      const f = swapped ? null : await start(oldId + 2000, old);
      await run.back("backfill");
      await check(e, newId + 2000, swapped ? old : fresh);
      expect(await lost(db, e, newId + 2000, old.column, old.value)).toEqual([]);
      await run.back("start");
      if (f) await check(f, oldId + 2000, old);
      expect((await look(db, "t")).create).toBe(before);
      const [kept] = await db.rows<{ n: string }>(`select count(*) as n from t where id <= 20000 and ${old.column} = ${seed("id")}`);
      expect(Number(kept?.n)).toBe(20_000);
    },
  );
});

test.skipIf(hasMariadb)("MariaDB is not installed", () => expect(hasMariadb).toBe(false));

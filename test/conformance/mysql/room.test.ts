// How much room columns take in a table, to the byte, against what the server still accepts.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Occupant, pageBytes, pageRoom, type RowFormat, room, rowBytes } from "../../../src/dialects/mysql/room.ts";
import { mysqlDriver } from "../../../src/drivers/mysql/index.ts";
import { hasMariadb, mariadbDatabaseFor } from "../../harness/mariadb.ts";

const numRuns = process.env["HOTSTICK_SCOPE"] === "all" ? 400 : 40;

const types = [
  "tinyint",
  "smallint",
  "mediumint",
  "int(11)",
  "bigint(20) unsigned",
  "float",
  "double",
  "decimal(10,2)",
  "decimal(65,30)",
  "date",
  "datetime",
  "datetime(6)",
  "timestamp(3)",
  "time(6)",
  "year(4)",
  "bit(9)",
  "char(9)",
  "char(64)",
  "char(63)",
  "char(255)",
  "varchar(9)",
  "varchar(10)",
  "varchar(63)",
  "varchar(64)",
  "varchar(300)",
  "binary(255)",
  "varbinary(39)",
  "varbinary(255)",
  "varbinary(256)",
  "tinyblob",
  "text",
  "longtext",
  "enum('a','b')",
  "set('a','b','c','d','e','f','g','h','i')",
  "point",
];
const charsets = ["utf8mb4", "latin1", "utf8mb3", "gbk"];
const ofCharacters = (type: string): boolean => /char|text|enum|set/.test(type) && !/binary|blob/.test(type);

interface Made extends Occupant {
  readonly text: string;
}

const column = fc.record({ type: fc.constantFrom(...types), charset: fc.constantFrom(...charsets), notNull: fc.boolean(), virtual: fc.constant(false) }).map(
  ({ type, charset, notNull }): Made => ({
    type,
    charset: ofCharacters(type) ? charset : null,
    notNull,
    virtual: false,
    text: `${type}${ofCharacters(type) ? ` character set ${charset}` : ""} ${notNull ? "not null" : "null"}`,
  }),
);

/** NOT NULL and of a known length, to fill up what is left to the byte. */
const filler = (bytes: number): readonly Made[] =>
  Array.from({ length: Math.ceil(bytes / 255) }, (_, i): Made => {
    const type = `binary(${Math.min(255, bytes - i * 255)})`;
    return { type, charset: null, notNull: true, virtual: false, text: `${type} not null` };
  });

const id: Made = { type: "int", charset: null, notNull: true, virtual: false, text: "int primary key" };

describe.runIf(hasMariadb)("the room of a table", () => {
  test.each(["dynamic", "compact"] as const)("in the page, %s: one byte more is refused", { timeout: 300_000 }, async (format: RowFormat) => {
    const finishers: (() => unknown)[] = [];
    const db = await mariadbDatabaseFor({ task: {}, onTestFinished: (finish: () => unknown) => finishers.push(finish) } as never);
    const session = await mysqlDriver({ url: db.url }).connect({ purpose: "look" });
    const { version } = await mysqlDriver({ url: db.url }).server(session);
    await session.close();
    const connection = await db.connect();
    const accepts = async (columns: readonly Made[]): Promise<boolean> => {
      const text = `create table t (${columns.map((each, i) => `c${i} ${each.text}`).join(", ")}) engine = InnoDB row_format = ${format}`;
      try {
        await connection.query("drop table if exists t");
        await connection.query(text);
        return true;
      } catch (error) {
        if ((error as { errno: number }).errno === 1118) return false;
        throw new Error(`${text}: ${(error as Error).message}`);
      }
    };
    const bytes = (columns: readonly Made[]): number => pageBytes(columns, { version, format, keyed: true });
    const limit = pageRoom(16_384);
    await fc.assert(
      fc.asyncProperty(fc.array(column, { minLength: 1, maxLength: 25 }), async (some) => {
        const columns = [id, ...some];
        fc.pre(bytes(columns) < limit && rowBytes(columns) < 40_000);
        const full = [...columns, ...filler(limit - bytes(columns))];
        expect(bytes(full)).toBe(limit);
        expect(await accepts(full), "full").toBe(true);
        expect(await accepts([...columns, ...filler(limit - bytes(columns) + 1)]), "one more").toBe(false);
      }),
      { numRuns },
    );
    for (const finish of finishers) await finish();
  });

  test("by the server's own count: one byte more is refused", { timeout: 300_000 }, async (t) => {
    const db = await mariadbDatabaseFor(t);
    const connection = await db.connect();
    const accepts = async (columns: readonly Made[]): Promise<boolean> => {
      try {
        await connection.query("drop table if exists t");
        await connection.query(`create table t (${columns.map((each, i) => `c${i} ${each.text}`).join(", ")}) engine = InnoDB row_format = dynamic`);
        return true;
      } catch (error) {
        if ((error as { errno: number }).errno === 1118) return false;
        throw error;
      }
    };
    const long = (bytes: number): readonly Made[] =>
      [Math.floor(bytes / 2), bytes - Math.floor(bytes / 2)].map((half): Made => {
        const type = `varbinary(${half - 2})`;
        return { type, charset: null, notNull: true, virtual: false, text: `${type} not null` };
      });
    await fc.assert(
      fc.asyncProperty(fc.array(column, { minLength: 1, maxLength: 20 }), async (some) => {
        const columns = [id, ...some];
        const left = room.row - rowBytes(columns);
        fc.pre(left > 2_000 && pageBytes(columns, { version: 101119, format: "dynamic", keyed: true }) < 7_000);
        expect(rowBytes([...columns, ...long(left)])).toBe(room.row);
        expect(await accepts([...columns, ...long(left)]), "full").toBe(true);
        expect(await accepts([...columns, ...long(left + 1)]), "one more").toBe(false);
      }),
      { numRuns },
    );
  });

  test("for columns and keys", async (t) => {
    const db = await mariadbDatabaseFor(t);
    const connection = await db.connect();
    const tried = (text: string): Promise<number | null> =>
      connection.query(`drop table if exists t; ${text}`).then(
        () => null,
        (error: { errno: number }) => error.errno,
      );
    const many = (count: number, of: (i: number) => string): string => Array.from({ length: count }, (_, i) => of(i)).join(", ");
    for (const kind of ["tinyint", "tinyint as (1) virtual"]) {
      expect(await tried(`create table t (id int primary key, ${many(room.columns - 1, (i) => `c${i} ${kind}`)}) engine = InnoDB`)).toBeNull();
      expect([1005, 1117]).toContain(await tried(`create table t (id int primary key, ${many(room.columns, (i) => `c${i} ${kind}`)}) engine = InnoDB`));
    }
    expect(await tried(`create table t (id int primary key, a int, ${many(room.keys - 1, (i) => `key k${i} (a)`)}) engine = InnoDB`)).toBeNull();
    expect(await tried(`create table t (id int primary key, a int, ${many(room.keys, (i) => `key k${i} (a)`)}) engine = InnoDB`)).toBe(1069);
  });
});

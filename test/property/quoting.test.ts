// What is quoted reaches a real server as it was: any text as a value, any text that fits as a name.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { enact as mysqlEnact } from "../../src/dialects/mysql/enact.ts";
import { mysqlQuoting } from "../../src/dialects/mysql/quoting.ts";
import { enact } from "../../src/dialects/postgres/enact.ts";
import { postgresQuoting } from "../../src/dialects/postgres/quoting.ts";
import { mysqlDriver } from "../../src/drivers/mysql/index.ts";
import { ident, literal, raw, renderInline, sql } from "../../src/sql/sql.ts";
import { majors } from "../harness/majors.ts";
import { hasMariadb, mariadbDatabaseFor } from "../harness/mariadb.ts";
import { databaseFor } from "../harness/servers.ts";

const awkward = fc.constantFrom(
  "'",
  "''",
  '"',
  '""',
  ".",
  "\\",
  "\\'",
  "\\\\",
  "$$",
  "$h$",
  "$1",
  "?",
  ";",
  "--",
  "/*",
  "E'",
  "\u{1f469}\u200d\u{1f469}",
  "ß",
  "e\u0301",
  "\ufeff",
  "\u2028",
  "{{run}}",
  "\n",
  "\r",
  "\t",
  "%s",
  "select",
);
const text = fc
  .oneof(
    fc.string({ unit: "binary", maxLength: 30 }),
    fc.array(fc.oneof(awkward, fc.string({ unit: "grapheme", maxLength: 3 })), { maxLength: 8 }).map((parts) => parts.join("")),
  )
  .filter((each) => !each.includes("\0"));
const name = text.filter((each) => each !== "" && Buffer.byteLength(each) <= 63);
const write = (piece: Parameters<typeof renderInline>[0]): string => renderInline(piece, postgresQuoting);

describe.each(majors)("PostgreSQL %i", (major) => {
  test("values", async (t) => {
    const client = await (await databaseFor(t, major)).connect();
    for (const conforming of ["on", "off"]) {
      await client.query(`set standard_conforming_strings = ${conforming}; set escape_string_warning = off`);
      await fc.assert(
        fc.asyncProperty(text, text, async (a, b) => {
          const { rows } = await client.query(write(sql`select ${literal(a)}::text as a, ${literal(b)}::text as b`));
          expect(rows).toEqual([{ a, b }]);
        }),
        { numRuns: 150 },
      );
    }
  });

  test("names of schemas, tables and columns", async (t) => {
    const client = await (await databaseFor(t, major)).connect();
    await fc.assert(
      fc.asyncProperty(
        // A schema that begins with pg_ is the server's own.
        name.filter((each) => !each.startsWith("pg_")),
        name,
        name,
        async (schema, table, column) => {
          await client.query("begin");
          await client.query(
            write(
              sql`create schema ${ident(schema)}; create table ${ident(schema, table)} (${ident(column)} int); insert into ${ident(schema, table)} (${ident(column)}) values (7)`,
            ),
          );
          const { rows } = await client.query(
            write(
              sql`select n.nspname, c.relname, a.attname from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace where c.oid = ${literal(write(ident(schema, table)))}::regclass and attnum = 1`,
            ),
          );
          const { rows: found, fields } = await client.query<unknown[]>({
            text: write(sql`select ${ident(column)} from ${ident(schema, table)}`),
            rowMode: "array",
          });
          await client.query("rollback");
          expect(rows).toEqual([{ nspname: schema, relname: table, attname: column }]);
          expect(fields[0]?.name).toBe(column);
          expect(found).toEqual([[7]]);
        },
      ),
      {
        numRuns: 60,
        examples: [
          ["a.b", 'c"d', "e'f"],
          ["Select", "from", "where"],
          ["👩‍👩‍👧", "ẞ".repeat(21), "a".repeat(63)],
        ],
      },
    );
  });

  test("values of a key, however many columns it has", async (t) => {
    const client = await (await databaseFor(t, major)).connect();
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(name, { minLength: 1, maxLength: 3 }), text, async (columns, value) => {
        const key = columns.map((column) => ({ name: column, type: "text" }));
        const { after, upto } = enact.bounds(
          key,
          columns.map(() => value),
        );
        const row = columns.map((column) => write(sql`${literal(value)}::text as ${ident(column)}`)).join(", ");
        const { rows } = await client.query(write(sql`select (${raw(after)}) as after, (${raw(upto)}) as upto from (select ${raw(row)}) row`));
        expect(rows).toEqual([{ after: false, upto: true }]);
      }),
      { numRuns: 100 },
    );
  });
});

/** At most 64 characters of the first plane, and no white space at the end. */
const storable = text.filter(
  (each) =>
    each !== "" && each.length <= 64 && !/\s$/.test(each) && [...each].every((character) => character.length === 1 && !/[\ud800-\udfff]/.test(character)),
);
/** What can be sent: no half of a pair. */
const wellFormed = text.filter((each) => Buffer.from(each).toString() === each);
const ofInnodb = /^(db_(row_id|trx_id|roll_ptr)|fts_doc_id)$/i;
/** A table is a file, whose name the server writes with five characters for an odd one, in 255. */
const fileName = storable.filter((each) => each.length <= 40);
const written = (piece: Parameters<typeof renderInline>[0]): string => renderInline(piece, mysqlQuoting);

describe.runIf(hasMariadb)("MariaDB", () => {
  /** A session as Hotstick has it. */
  const sessionFor = async (t: Parameters<typeof mariadbDatabaseFor>[0]) => {
    const db = await mariadbDatabaseFor(t);
    const session = await mysqlDriver({ url: db.url }).connect({ purpose: "test" });
    const rows = async (...statements: readonly string[]) => (await session.script(statements)).at(-1) ?? [];
    return { session, rows, name: db.name };
  };

  test("values", { timeout: 120_000 }, async (t) => {
    const { session, rows } = await sessionFor(t);
    try {
      await fc.assert(
        fc.asyncProperty(wellFormed, wellFormed, async (a, b) => {
          expect(await rows(written(sql`select ${literal(a)} as a, ${literal(b)} as b`))).toEqual([{ a, b }]);
        }),
        { numRuns: 300 },
      );
    } finally {
      await session.close();
    }
  });

  test("names of tables, columns and indexes", { timeout: 120_000 }, async (t) => {
    const { session, rows, name: home } = await sessionFor(t);
    try {
      await fc.assert(
        fc.asyncProperty(
          fileName,
          storable.filter((each) => !ofInnodb.test(each)),
          storable.filter((each) => !/^(primary|gen_clust_index)$/i.test(each)),
          async (table, column, index) => {
            const at = ident(home, table);
            const found = await rows(
              written(sql`create table ${at} (${ident(column)} int, key ${ident(index)} (${ident(column)}))`),
              written(sql`insert into ${at} (${ident(column)}) values (7)`),
              written(sql`select c.column_name as c, s.index_name as i from information_schema.columns c join information_schema.statistics s using (table_schema, table_name)
                where c.table_schema = database() and c.table_name = ${literal(table)}`),
            );
            const values = await rows(written(sql`select ${ident(column)} as v from ${at}`));
            await rows(written(sql`drop table ${at}`));
            expect(found).toEqual([{ c: column, i: index }]);
            expect(values).toEqual([{ v: 7 }]);
          },
        ),
        {
          numRuns: 80,
          examples: [
            ["a.b", "c`d", "e'f"],
            ["Select", "from", "where"],
            ["hotstick_sync_insert", "hotstick_a", "hotstick_pending"],
            ["#sql-1", "ẞ".repeat(64), "a".repeat(64)],
          ],
        },
      );
    } finally {
      await session.close();
    }
  });

  test("values of a key, however many columns it has", { timeout: 120_000 }, async (t) => {
    const { session, rows } = await sessionFor(t);
    try {
      await fc.assert(
        fc.asyncProperty(
          fc.uniqueArray(
            storable.filter((each) => !ofInnodb.test(each)),
            { minLength: 1, maxLength: 3, selector: (each) => each.normalize("NFKD").toLowerCase() },
          ),
          wellFormed,
          async (columns, value) => {
            const key = columns.map((column) => ({ name: column, type: "varchar(100)" }));
            const { after, upto } = mysqlEnact.bounds(
              key,
              columns.map(() => value),
            );
            const found = await rows(
              written(sql`create temporary table k (${raw(columns.map((column) => `${written(ident(column))} varchar(100)`).join(", "))})`),
              written(sql`insert into k values (${raw(columns.map(() => written(literal(value))).join(", "))})`),
              written(sql`select (${raw(after)}) as after, (${raw(upto)}) as upto from k`),
            );
            await rows("drop temporary table k");
            expect(found.map(({ after: a, upto: u }) => [Number(a), Number(u)])).toEqual([[0, 1]]);
          },
        ),
        { numRuns: 150 },
      );
    } finally {
      await session.close();
    }
  });
});

test("a NUL is refused, since the server would take it for the end", () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      expect(() => write(literal(`${before}\0${after}`))).toThrow(expect.objectContaining({ code: "bad-name" }));
      expect(() => write(ident("fine", `${before}\0${after}`))).toThrow(expect.objectContaining({ code: "bad-name" }));
    }),
  );
});

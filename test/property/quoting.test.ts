// What is quoted reaches a real server as it was: any text as a value, any text that fits as a name.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { enact } from "../../src/dialects/postgres/enact.ts";
import { postgresQuoting } from "../../src/dialects/postgres/quoting.ts";
import { ident, literal, raw, renderInline, sql } from "../../src/sql/sql.ts";
import { majors } from "../harness/majors.ts";
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

test("a NUL is refused, since the server would take it for the end", () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      expect(() => write(literal(`${before}\0${after}`))).toThrow(expect.objectContaining({ code: "bad-name" }));
      expect(() => write(ident("fine", `${before}\0${after}`))).toThrow(expect.objectContaining({ code: "bad-name" }));
    }),
  );
});

// The tables and the triggers of PostgreSQL on which the cost of keeping two shapes equal is measured.
import { syncStatements } from "../../src/dialects/postgres/sync/statements.ts";
import { newColumn, rewrite, transform } from "../../test/scenario/sync/shapes.ts";
import { type Case, column, type SyncEngine } from "./case.ts";

/** `empty`: a trigger that does nothing. `least`: one that does nothing but assign, and asks nothing: it loses what new code writes. */
const ways = ["bare", "empty", "least", "ours", "usual"] as const;

interface PostgresCase extends Case {
  /** What the usual design assigns, on its variables. */
  readonly usual: { readonly up: string; readonly down: string };
}

/** A page has room for a second version of each row, so that updates are HOT: what is measured is the trigger, not the disk. */
const narrow: PostgresCase = {
  columns: [
    ["id", "bigint"],
    ["price", "integer"],
    ["visits", "integer"],
    ["amount", "numeric(12,2)"],
    ["hotstick_side", "smallint"],
  ],
  rows: 50_000,
  values: ["i", "i", "0", "i", "1"],
  indexes: [],
  link: transform({ old: ["price"], new: [newColumn("amount", "numeric(12,2)")], up: ["price::numeric"], down: ["floor(amount)::integer"] }),
  usual: { up: "NEW.amount := price::numeric;", down: "NEW.price := floor(amount)::integer;" },
  updates: { other: "visits = visits + 1", synced: "price = price + 1" },
};

/** A customer as web applications have them: two dozen columns, a JSON document, two secondary indexes. */
const wide: PostgresCase = {
  columns: [
    ["id", "bigint"],
    ["name", "text"],
    ["email", "text"],
    ["phone", "text"],
    ["street", "text"],
    ["city", "text"],
    ["zip", "character varying(12)"],
    ["country", "character(2)"],
    ["company", "text"],
    ["tax_number", "text"],
    ["locale", "text"],
    ["time_zone", "text"],
    ["currency", "character(3)"],
    ["balance", "numeric(12,2)"],
    ["credit", "numeric(12,2)"],
    ["active", "boolean"],
    ["score", "double precision"],
    ["preferences", "jsonb"],
    ["created_at", "timestamp with time zone"],
    ["updated_at", "timestamp with time zone"],
    ["visits", "integer"],
    ["notes", "text"],
    ["first", "text"],
    ["last", "text"],
    ["hotstick_side", "smallint"],
  ],
  rows: 20_000,
  values: [
    "i",
    "'Ada' || i || ' Lovelace'",
    "'ada' || i || '@example.com'",
    "'+44 20 ' || i",
    "i || ' Dorset Street'",
    "'London'",
    "'W1U ' || i % 100",
    "'GB'",
    "'Analytical Engines ' || i % 500",
    "'GB' || i",
    "'en-GB'",
    "'Europe/London'",
    "'GBP'",
    "i % 1000",
    "100",
    "true",
    "i / 7.0",
    `jsonb_build_object('theme', 'dark', 'newsletter', true, 'tags', jsonb_build_array('a', 'b', i))`,
    "timestamptz '2026-01-01 00:00Z'",
    "timestamptz '2026-01-01 00:00Z'",
    "0",
    "repeat('A note about this customer. ', 8)",
    "'Ada' || i",
    "'Lovelace'",
    "1",
  ],
  indexes: ["email", "company"],
  link: transform({
    old: ["name"],
    new: [newColumn("first", "text"), newColumn("last", "text")],
    up: ["split_part(name, ' ', 1)", "split_part(name, ' ', 2)"],
    down: ["first || ' ' || last"],
  }),
  usual: { up: "NEW.first := split_part(name, ' ', 1); NEW.last := split_part(name, ' ', 2);", down: "NEW.name := first || ' ' || last;" },
  updates: { other: "visits = visits + 1", synced: "name = name || 'x'" },
};

/** As published tools generate it: every column in a variable, search_path read in a query, the other side computed always. */
const usualFunction = (
  table: string,
  { columns, usual }: PostgresCase,
): string => `create function hotstick.usual_${table}() returns trigger language plpgsql as $$
declare
  ${columns.map(([name]) => `"${name}" public.${table}."${name}"%TYPE := NEW."${name}";`).join("\n  ")}
  search_path text;
begin
  select current_setting into search_path from current_setting('search_path');
  if search_path = 'public_v2' then ${usual.down} else ${usual.up} end if;
  return NEW;
end $$`;

function triggers(way: (typeof ways)[number], table: string, of: PostgresCase): readonly string[] {
  switch (way) {
    case "bare":
      return [];
    case "empty":
      return [
        `create function hotstick.empty_${table}() returns trigger language plpgsql as 'begin return NEW; end'`,
        `create trigger t before insert or update on ${table} for each row execute function hotstick.empty_${table}()`,
      ];
    case "least": {
      const up = of.usual.up.replaceAll(/\b(price|name)\b/g, "NEW.$1");
      return [
        `create function hotstick.least_${table}() returns trigger language plpgsql as 'begin ${up.replaceAll("'", "''")} NEW.hotstick_side := 1; return NEW; end'`,
        `create trigger t before insert or update on ${table} for each row execute function hotstick.least_${table}()`,
      ];
    }
    case "usual":
      return [usualFunction(table, of), `create trigger t before insert or update on ${table} for each row execute function hotstick.usual_${table}()`];
    case "ours": {
      const input = {
        table: { schema: "public", name: table },
        columns: of.columns.map(([name, type]) => column(name, type)),
        key: ["id"],
        links: [of.link],
        stage: "expanded",
        fill: "forward",
        serial: "bench",
      } as const;
      return syncStatements({ ...input, userTriggers: [], partitionKey: [], oldWrites: null, canRaise: [], rewrite }).create.map((one) =>
        one.replaceAll("{{generation}}", "0"),
      );
    }
  }
}

const cases = { narrow, wide };

export const postgres: SyncEngine = {
  ways,
  cases,
  preparation: ["create schema hotstick"],
  create: (table, of) => `create table ${table} (${of.columns.map(([name, type]) => `${name} ${type}`).join(", ")}, primary key (id)) with (fillfactor = 45)`,
  insert: (table, of, columns) =>
    `insert into ${table} (${columns.join(", ")}) select ${columns.map((name) => of.values[of.columns.findIndex(([each]) => each === name)]).join(", ")} from generate_series(1, ${of.rows}) i`,
  triggers: (way, table, name) => triggers(way as (typeof ways)[number], table, cases[name as keyof typeof cases]),
  settle: (table) => [`vacuum analyze ${table}`],
};

// The tables and the triggers of MariaDB on which the cost of keeping two shapes equal is measured: those of PostgreSQL, in its types.
import { creationSettings, syncStatements } from "../../src/dialects/mysql/sync/statements.ts";
import { newColumn, rewrite, transform } from "../../test/scenario/mysql-sync/shapes.ts";
import { database } from "../engines/mariadb.ts";
import { type Case, column, type SyncEngine } from "./case.ts";

/** `empty`: a trigger that does nothing; what any row trigger costs here. */
const ways = ["bare", "empty", "ours", "usual"] as const;

interface MariadbCase extends Case {
  /** New columns, by `hidden`, that cannot hold every value. */
  readonly canRaise: readonly string[];
  /** What the usual design assigns at every write. */
  readonly usual: string;
}

/** Nothing can go wrong with a value: what most renames with a change of unit are. */
const narrow: MariadbCase = {
  columns: [
    ["id", "bigint not null"],
    ["price", "int"],
    ["visits", "int"],
    ["amount", "bigint"],
    ["hotstick_side", "smallint"],
  ],
  rows: 50_000,
  values: ["seq", "seq", "0", "seq * 100", "1"],
  indexes: [],
  link: transform({ old: ["price"], new: [newColumn("amount", "bigint")], up: ["`price` * 100"], down: ["`amount` div 100"] }),
  canRaise: [],
  usual: "set new.amount = new.price * 100; set new.hotstick_side = 1;",
  updates: { other: "visits = visits + 1", synced: "price = price + 1" },
};

/** The same with a type that cannot hold every value: an old writer must not fail by it. */
const limited: MariadbCase = {
  ...narrow,
  columns: narrow.columns.map(([name, type]) => (name === "amount" ? [name, "decimal(12,2)"] : [name, type])),
  values: ["seq", "seq", "0", "seq", "1"],
  link: transform({ old: ["price"], new: [newColumn("amount", "decimal(12,2)")], up: ["`price`"], down: ["floor(`amount`)"] }),
  canRaise: ["amount"],
  usual: "set new.amount = new.price; set new.hotstick_side = 1;",
};

/** A customer as web applications have them: two dozen columns, a JSON document, two secondary indexes. */
const wide: MariadbCase = {
  columns: [
    ["id", "bigint not null"],
    ["name", "varchar(200)"],
    ["email", "varchar(200)"],
    ["phone", "varchar(40)"],
    ["street", "varchar(200)"],
    ["city", "varchar(100)"],
    ["zip", "varchar(12)"],
    ["country", "char(2)"],
    ["company", "varchar(200)"],
    ["tax_number", "varchar(40)"],
    ["locale", "varchar(20)"],
    ["time_zone", "varchar(40)"],
    ["currency", "char(3)"],
    ["balance", "decimal(12,2)"],
    ["credit", "decimal(12,2)"],
    ["active", "boolean"],
    ["score", "double"],
    ["preferences", "json"],
    ["created_at", "datetime"],
    ["updated_at", "datetime"],
    ["visits", "int"],
    ["notes", "text"],
    ["first", "varchar(200)"],
    ["last", "varchar(200)"],
    ["hotstick_side", "smallint"],
  ],
  rows: 20_000,
  values: [
    "seq",
    "concat('Ada', seq, ' Lovelace')",
    "concat('ada', seq, '@example.com')",
    "concat('+44 20 ', seq)",
    "concat(seq, ' Dorset Street')",
    "'London'",
    "concat('W1U ', seq % 100)",
    "'GB'",
    "concat('Analytical Engines ', seq % 500)",
    "concat('GB', seq)",
    "'en-GB'",
    "'Europe/London'",
    "'GBP'",
    "seq % 1000",
    "100",
    "true",
    "seq / 7.0",
    "json_object('theme', 'dark', 'newsletter', true, 'tags', json_array('a', 'b', seq))",
    "'2026-01-01'",
    "'2026-01-01'",
    "0",
    "repeat('A note about this customer. ', 8)",
    "concat('Ada', seq)",
    "'Lovelace'",
    "1",
  ],
  indexes: ["email", "company"],
  link: transform({
    old: ["name"],
    new: [newColumn("first", "varchar(200)"), newColumn("last", "varchar(200)")],
    up: ["substring_index(`name`, ' ', 1)", "substring(`name`, locate(' ', `name`) + 1)"],
    down: ["concat(`first`, ' ', `last`)"],
  }),
  canRaise: ["first", "last"],
  usual: "set new.first = substring_index(new.name, ' ', 1); set new.last = substring(new.name, locate(' ', new.name) + 1); set new.hotstick_side = 1;",
  updates: { other: "visits = visits + 1", synced: "name = concat(left(name, 190), 'x')" },
};

function triggers(way: (typeof ways)[number], table: string, of: MariadbCase): readonly string[] {
  const simple = (body: string): readonly string[] =>
    ["update", "insert"].map((event) => `create trigger ${table}_${event} before ${event} on ${table} for each row begin ${body} end`);
  switch (way) {
    case "bare":
      return [];
    case "empty":
      return simple("");
    case "usual":
      return simple(of.usual);
    case "ours": {
      const input = {
        table: { schema: database, name: table },
        version: 101119,
        columns: of.columns.map(([name, type]) => column(name, type)),
        collation: "utf8mb4_general_ci",
        links: [of.link],
        stage: "expanded",
        fill: "forward",
        onUpdate: [],
        partitionKey: [],
        otherTriggers: [],
        oldWrites: null,
        canRaise: of.canRaise,
        sentinels: {},
        standIns: {},
        rewrite,
      } as const;
      return syncStatements(input).create.map((one) => one.replaceAll("{{generation}}", "0"));
    }
  }
}

const cases = { narrow, limited, wide };

export const mariadb: SyncEngine = {
  ways,
  cases,
  preparation: [...creationSettings, "set session transaction isolation level read committed"],
  create: (table, of) => `create table ${table} (${of.columns.map(([name, type]) => `${name} ${type}`).join(", ")}, primary key (id))`,
  insert: (table, of, columns) =>
    `insert into ${table} (${columns.join(", ")}) select ${columns.map((name) => of.values[of.columns.findIndex(([each]) => each === name)]).join(", ")} from seq_1_to_${of.rows}`,
  triggers: (way, table, name) => triggers(way as (typeof ways)[number], table, cases[name as keyof typeof cases]),
  settle: () => [],
};

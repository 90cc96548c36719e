// The tables on which the cost of keeping two shapes equal is measured on MariaDB, by name: those of the other engine, in its types.
import type { Link } from "../../src/step/shape.ts";
import { newColumn, transform } from "../../test/scenario/mysql-sync/shapes.ts";

export interface Case {
  readonly columns: readonly (readonly [name: string, type: string])[];
  readonly rows: number;
  /** One expression for each column over `seq`, the number of the row. */
  readonly values: readonly string[];
  readonly indexes: readonly string[];
  readonly link: Link;
  /** New columns, by `hidden`, that cannot hold every value. */
  readonly canRaise: readonly string[];
  /** What the usual design assigns at every write. */
  readonly usual: string;
  readonly updates: { readonly other: string; readonly synced: string };
}

/** Nothing can go wrong with a value: what most renames with a change of unit are. */
export const narrow: Case = {
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
export const limited: Case = {
  ...narrow,
  columns: narrow.columns.map(([name, type]) => (name === "amount" ? [name, "decimal(12,2)"] : [name, type])),
  values: ["seq", "seq", "0", "seq", "1"],
  link: transform({ old: ["price"], new: [newColumn("amount", "decimal(12,2)")], up: ["`price`"], down: ["floor(`amount`)"] }),
  canRaise: ["amount"],
  usual: "set new.amount = new.price; set new.hotstick_side = 1;",
};

/** A customer as web applications have them: two dozen columns, a JSON document, two secondary indexes. */
export const wide: Case = {
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
  updates: { other: "visits = visits + 1", synced: "name = concat(left(name, 60), 'x')" },
};

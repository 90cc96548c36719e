// The tables on which the cost of keeping two shapes equal is measured, by name.
import type { Link } from "../../src/step/shape.ts";
import { newColumn, transform } from "../../test/scenario/sync/shapes.ts";

export interface Case {
  readonly columns: readonly (readonly [name: string, type: string])[];
  readonly rows: number;
  /** One expression for each column over `i`, the number of the row. */
  readonly values: readonly string[];
  readonly indexes: readonly string[];
  readonly link: Link;
  /** What the usual design assigns, on its variables. */
  readonly usual: { readonly up: string; readonly down: string };
  readonly updates: { readonly other: string; readonly synced: string };
}

/** A page has room for a second version of each row, so that updates are HOT: what is measured is the trigger, not the disk. */
export const narrow: Case = {
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
export const wide: Case = {
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

// What hangs on columns that leave: which indexes come along, and what nobody can carry over.
import type { Finding } from "../../../finding.ts";
import type { Constraint, Index, Schema, Table } from "../../../schema/model.ts";
import { keyOf } from "../../../schema/names.ts";
import type { Shape } from "../../../step/shape.ts";
import { originals, successors } from "../../shape/columns.ts";
import { temporaryName } from "../index-steps.ts";
import { carriedChecks, checkConstraints, endingKeys, leavingOf } from "./constraints.ts";
import { checkDefaults } from "./defaults.ts";
import { exchangedColumns } from "./exchange.ts";
import { checkReads } from "./reads.ts";
import { refuse } from "./refusals.ts";
import { checkSupplies } from "./supplies.ts";
import { checkSurroundings } from "./surroundings.ts";
import { checkTraits } from "./traits.ts";

/** An index of the old shape that gets a copy on the new one. */
export interface IndexCopy {
  readonly original: Index;
  /** Its name until the original is gone. */
  readonly temporary: string;
  /** Old column names to new ones: as they are until switch, and from then on. */
  readonly hidden: ReadonlyMap<string, string>;
  readonly shown: ReadonlyMap<string, string>;
  /** The original itself is over the new columns from the exchange on: then the copy is what goes in the end. */
  readonly exchanged: boolean;
}

export interface Analysis {
  readonly copies: readonly IndexCopy[];
  /** Every index that names a column which leaves and that follows no exchange; it goes before the column. */
  readonly leaving: readonly Index[];
  /** Old names of the columns whose rename ends by an exchange of the names. */
  readonly exchanged: ReadonlySet<string>;
  /** Foreign keys of the table that end with the old shape. */
  readonly endingKeys: readonly Constraint[];
  /** Old names of columns whose own check the new column takes over. */
  readonly carriedChecks: ReadonlySet<string>;
  readonly findings: readonly Finding[];
}

const simple = (index: Index): boolean => index.method === "btree" && !/\(\(/.test(index.definition);

export function analyse(schema: Schema, table: Table, shape: Shape): Analysis {
  const olds = originals(shape, table);
  const names = new Set(olds.map(({ old }) => old.name));
  const given = new Set(shape.links.flatMap((link) => (link.kind === "transform" ? link.drops : [])));
  const dropped = new Set(olds.filter(({ link }) => link.kind === "leave").map(({ old }) => old.name));
  const next = successors(shape, table);
  const leaving = table.indexes.filter((index) => index.mentions.some((name) => names.has(name)));
  const exchanged = exchangedColumns(schema, table, shape);
  const follows = (index: Index): boolean => index.mentions.every((name) => !names.has(name) || exchanged.has(name));
  const findings: Finding[] = [];
  const copies: IndexCopy[] = [];
  for (const index of leaving) {
    const mentioned = index.mentions.filter((name) => names.has(name));
    const subject = `${keyOf(table.name)}.${index.name}`;
    if (index.primary) {
      findings.push(
        refuse(
          "dependant-cannot-follow",
          "index",
          subject,
          `${mentioned.join(", ")} is in the primary key of ${keyOf(table.name)}, by which the rows are stored.`,
          "Change the primary key in a migration of your own first.",
        ),
      );
      continue;
    }
    if (given.has(index.name)) continue;
    if (mentioned.every((name) => dropped.has(name))) {
      if (index.mentions.length > mentioned.length)
        findings.push({
          rule: "drops-dependant",
          severity: "warn",
          subject: { kind: "index", name: subject },
          message: `Index ${index.name} of ${keyOf(table.name)} covers ${index.mentions.join(", ")} and goes with ${mentioned.join(", ")}.`,
          fix: "Add an index for what is left, if queries need one.",
        });
      continue;
    }
    const columns = mentioned.map((name) => [name, next.get(name) ?? null] as const);
    if (!simple(index) || columns.some(([, column]) => column === null)) {
      findings.push(
        refuse(
          "dependant-cannot-follow",
          "index",
          subject,
          `Index ${index.name} of ${keyOf(table.name)} cannot be made over the new columns: ${simple(index) ? "no single one takes the place of each old one" : "its kind cannot be built beside the old one"}.`,
          `Give it up by drops: ["${index.name}"] in a transform and add what should replace it, or drop it first in a migration of its own.`,
        ),
      );
      continue;
    }
    copies.push({
      original: index,
      temporary: temporaryName("new", index.name),
      hidden: new Map(columns.map(([name, column]) => [name, column?.hidden ?? name])),
      shown: new Map(columns.map(([name, column]) => [name, column?.spec.name ?? name])),
      exchanged: follows(index),
    });
  }
  const columns = leavingOf(schema, table, shape, exchanged);
  const stays = (index: Index): boolean => !leaving.includes(index) || copies.some(({ original }) => original === index);
  return {
    copies,
    leaving: leaving.filter((index) => !index.primary && !follows(index)),
    exchanged,
    endingKeys: endingKeys(columns),
    carriedChecks: carriedChecks(columns),
    findings: [
      ...findings,
      ...checkTraits(table, shape, schema.version, exchanged),
      ...checkReads(table, shape),
      ...checkDefaults(table, [...names]),
      ...checkSupplies(table, shape),
      ...checkConstraints(columns, stays),
      ...checkSurroundings(schema, table, [...names]),
    ],
  };
}

// Finds what comes along, and writes it for the new column by rewriting the catalog's own definitions as syntax trees.
import type { Finding } from "../../../finding.ts";
import type { Constraint, Schema, Table } from "../../../schema/model.ts";
import { keyOf } from "../../../schema/names.ts";
import type { NewColumn, Shape } from "../../../step/shape.ts";
import { drops, originals, successors } from "../../shape/columns.ts";
import { type Dependants, dependantsOf } from "../dependants.ts";
import type { IndexBody } from "../index-steps.ts";
import { temporaryName } from "../index-steps.ts";
import type { Rewriting } from "../rewriting.ts";
import type { Carried, CarriedConstraint, CarriedIndex } from "./carried.ts";

export interface Analysis {
  readonly carried: Carried;
  /** What follows the table's name in the definition of each index of the table, with the names of before the run, or their parked ones. */
  readonly bodies: ReadonlyMap<string, string>;
  /** A check's or foreign key's text with parked names. */
  readonly parkedConstraint: (on: Table, constraint: Constraint) => string;
  /** CREATE STATISTICS of the old columns, with their retired names. */
  readonly retiredStatistics: readonly string[];
  /** The same with the retired names. */
  readonly retiredBodies: ReadonlyMap<string, string>;
  /** The same with the final names of the new columns. */
  readonly finalBodies: ReadonlyMap<string, string>;
  readonly dependants: Dependants;
  readonly findings: readonly Finding[];
}

const cannot = (kind: string, name: string, what: string, fix: string): Finding => ({
  rule: "dependant-cannot-follow",
  severity: "refuse",
  subject: { kind, name },
  message: `${name} hangs on ${what}`,
  fix,
});

export function analyse(schema: Schema, table: Table, shape: Shape, rewriting: Rewriting): Analysis {
  const heirs = successors(shape, table);
  const leaving = originals(shape, table).map(({ old }) => old.name);
  const givenUp = drops(shape);
  const dependants = dependantsOf(schema, table, leaving);
  const leaves = new Set(shape.links.flatMap((link) => (link.kind === "leave" ? [link.old.name] : [])));
  const findings: Finding[] = [];

  const parked = new Map(originals(shape, table).map(({ old }): [string, string] => [old.name, old.parked]));
  const retired = new Map(originals(shape, table).map(({ old }): [string, string] => [old.name, old.retired]));
  const bodiesWith = (renamed: ReadonlyMap<string, string>): ReadonlyMap<string, string> =>
    new Map(dependants.indexes.map((index) => [index.name, rewriting.indexBody(rewriting.index(table.name, index.definition, renamed))]));
  const bodies = bodiesWith(parked);
  const retiredBodies = bodiesWith(retired);
  const parkedConstraint = (on: Table, constraint: Constraint): string => {
    const none: ReadonlyMap<string, string> = new Map();
    return rewriting.constraint(
      on.name,
      constraint.definition,
      keyOf(on.name) === keyOf(table.name) ? parked : none,
      constraint.references && keyOf(constraint.references.table) === keyOf(table.name) ? parked : none,
    );
  };
  const retiredStatistics = dependants.statistics.map((each) => rewriting.statistics(table.name, each.definition, retired, each.name));
  const byHidden = names(heirs, (heir) => heir.hidden);
  const byFinal = names(heirs, (heir) => heir.spec.name);
  const finalBodies = bodiesWith(byFinal);
  /** Whether something that names these columns can follow; says what is lost where it cannot. */
  const follows = (kind: string, name: string, mentioned: readonly string[]): boolean => {
    const gone = mentioned.filter((column) => heirs.has(column) && heirs.get(column) === null);
    if (gone.length === 0) return !givenUp.has(name);
    if (givenUp.has(name)) return false;
    if (gone.every((column) => leaves.has(column))) {
      const others = mentioned.filter((column) => !leaves.has(column));
      if (others.length > 0)
        findings.push({
          rule: "drops-dependant",
          severity: "warn",
          subject: { kind, name },
          message: `${kind} ${name} also covers ${others.join(", ")}; it goes with ${gone.join(", ")}.`,
          fix: "Add what should replace it in this migration.",
        });
      return false;
    }
    findings.push(
      cannot(
        kind,
        name,
        `${gone.join(", ")}, which no single column follows.`,
        `Name it in the operation's drops, and add what should replace it: drops: [${JSON.stringify(name)}].`,
      ),
    );
    return false;
  };

  const indexes = dependants.indexes.filter((index) => index.parent === null);
  const plain: CarriedIndex[] = [];
  const unique: CarriedIndex[] = [];
  for (const index of indexes) {
    const constraint = table.constraints.find((each) => each.index === index.name && each.kind !== "foreign-key") ?? null;
    if (constraint?.kind === "exclude") {
      if (follows("constraint", constraint.name, index.mentions))
        findings.push(
          cannot(
            "constraint",
            constraint.name,
            `${leaving.join(", ")}; an exclusion constraint cannot be built while others write.`,
            `Name it in the operation's drops and add it with a statement of your own: drops: [${JSON.stringify(constraint.name)}].`,
          ),
        );
      continue;
    }
    // Nor could it be built again on the way back, so giving it up does not help.
    if (index.unique && table.kind === "partitioned") {
      findings.push(
        cannot(
          constraint ? "constraint" : "index",
          index.name,
          `${leaving.join(", ")} and is unique over partitions, which cannot be attached online, here or on the way back.`,
          "Drop it in an earlier migration, with a statement of your own, and make its like in a later one.",
        ),
      );
      continue;
    }
    if (!follows(constraint ? "constraint" : "index", index.name, index.mentions)) continue;
    if (index.replicaIdentity)
      findings.push(
        cannot("index", index.name, "the table's replica identity.", "Set another replica identity first: alter table … replica identity default."),
      );
    const body: IndexBody = { unique: index.unique, body: rewriting.indexBody(rewriting.index(table.name, index.definition, byHidden)) };
    const copy: CarriedIndex = { original: index, temporary: temporaryName("new", index.name), body, constraint };
    (index.unique ? unique : plain).push(copy);
  }

  const checks: CarriedConstraint[] = [];
  const foreignKeys: CarriedConstraint[] = [];
  for (const constraint of dependants.constraints) {
    if (constraint.kind === "check" && follows("constraint", constraint.name, constraint.columns))
      checks.push({
        on: table,
        original: constraint,
        temporary: temporaryName("new", constraint.name),
        definition: rewriting.constraint(table.name, constraint.definition, byFinal, new Map()),
      });
    if (constraint.kind === "foreign-key" && follows("constraint", constraint.name, constraint.columns))
      foreignKeys.push(foreignKey(table, table, constraint, byFinal, rewriting));
    if (constraint.kind === "trigger")
      findings.push(cannot("constraint", constraint.name, `${leaving.join(", ")}; it is a constraint trigger.`, "Drop it first and create it anew later."));
  }
  for (const { table: other, constraint } of dependants.incoming) {
    if (keyOf(other.name) === keyOf(table.name)) continue;
    if (constraint.inherited) continue;
    if (follows("constraint", constraint.name, constraint.references?.columns ?? []))
      foreignKeys.push(foreignKey(other, table, constraint, byFinal, rewriting));
    else if (!givenUp.has(constraint.name))
      findings.push(
        cannot(
          "constraint",
          `${keyOf(other.name)}.${constraint.name}`,
          `${leaving.join(", ")} from another table.`,
          `Drop the foreign key first, or name it in the operation's drops: [${JSON.stringify(constraint.name)}].`,
        ),
      );
  }
  for (const key of foreignKeys.filter((each) => each.on.kind === "partitioned" && schema.version < 180000))
    findings.push(
      cannot(
        "constraint",
        key.original.name,
        `${leaving.join(", ")} of a partitioned table; before PostgreSQL 18 it cannot be declared without a scan that stops writers.`,
        "Drop the foreign key first and add it partition by partition later.",
      ),
    );

  const statistics = dependants.statistics
    .filter((each) => follows("statistics", each.name.name, each.mentions))
    .map((original) => {
      const temporary = temporaryName("new", original.name.name);
      return {
        original,
        temporary,
        definition: rewriting.statistics(table.name, original.definition, byHidden, { schema: original.name.schema, name: temporary }),
        final: rewriting.statistics(table.name, original.definition, byFinal, original.name),
      };
    });
  const sequences = dependants.sequences
    .filter((sequence) => !sequence.identity)
    .flatMap((sequence) => {
      const heir = heirs.get(sequence.ownedBy?.column ?? "");
      return heir ? [{ sequence, to: heir.spec.name }] : [];
    });
  const identities = originals(shape, table).flatMap(({ column, link }) => {
    const heir = heirs.get(column.name);
    return column.identity && heir && link.kind === "copy" ? [{ from: column, to: heir.spec.name }] : [];
  });
  for (const { column, link } of originals(shape, table))
    if (column.identity && link.kind === "transform")
      findings.push(
        cannot("column", column.name, "an identity; a transformed column cannot go on with it.", "Drop the identity first: alter column … drop identity."),
      );
  return {
    carried: { plain, unique, checks, foreignKeys, statistics, sequences, identities },
    bodies,
    parkedConstraint,
    retiredStatistics,
    retiredBodies,
    finalBodies,
    dependants,
    findings,
  };
}

function names(heirs: ReadonlyMap<string, NewColumn | null>, name: (heir: NewColumn) => string): ReadonlyMap<string, string> {
  return new Map([...heirs].flatMap(([old, heir]): [string, string][] => (heir ? [[old, name(heir)]] : [])));
}

/** A foreign key with its own or its referenced columns renamed, whichever side of it the changed table is. */
function foreignKey(on: Table, changed: Table, constraint: Constraint, renamed: ReadonlyMap<string, string>, rewriting: Rewriting): CarriedConstraint {
  if (!constraint.references) throw new TypeError(`${constraint.name} references nothing`);
  const none: ReadonlyMap<string, string> = new Map();
  const own = keyOf(on.name) === keyOf(changed.name) ? renamed : none;
  const referenced = keyOf(constraint.references.table) === keyOf(changed.name) ? renamed : none;
  return {
    on,
    original: constraint,
    temporary: temporaryName("new", constraint.name),
    definition: rewriting.constraint(on.name, constraint.definition, own, referenced),
  };
}

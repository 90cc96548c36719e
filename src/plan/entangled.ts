// Two tables of one plan that a foreign key ties together by columns which both change: its text would name columns that are gone.
import type { Finding } from "../finding.ts";
import type { ObjectName, Schema } from "../schema/model.ts";
import { keyOf, sameName } from "../schema/names.ts";
import type { Link } from "../step/shape.ts";
import type { Merged } from "./merge.ts";

const leaving = (link: Link): readonly string[] => {
  switch (link.kind) {
    case "copy":
    case "leave":
      return [link.old.name];
    case "transform":
      return link.old.map((old) => old.name);
    case "supply":
      return [];
  }
};

/** @param schema as it is before the plan. */
export function entangled(merged: readonly Merged[], schema: Schema): readonly Finding[] {
  const gone = (table: ObjectName, columns: readonly string[]): boolean =>
    merged.some(
      ({ change }) =>
        "shape" in change && sameName(change.shape.table, table) && change.shape.links.some((link) => leaving(link).some((name) => columns.includes(name))),
    );
  return Object.values(schema.tables).flatMap((table) =>
    table.constraints.flatMap((constraint): readonly Finding[] => {
      const { references } = constraint;
      if (!references || sameName(references.table, table.name)) return [];
      if (!gone(table.name, constraint.columns) || !gone(references.table, references.columns)) return [];
      const [from, to] = [keyOf(table.name), keyOf(references.table)];
      return [
        {
          rule: "linked-in-same-plan",
          severity: "refuse",
          subject: { kind: "constraint", name: `${from}.${constraint.name}` },
          message: `The plan changes ${constraint.columns.join(", ")} of ${from} and ${references.columns.join(", ")} of ${to}, which the foreign key ${constraint.name} ties together.`,
          fix: "Put one of the two changes into a migration of its own, to be started when the other is complete.",
        },
      ];
    }),
  );
}

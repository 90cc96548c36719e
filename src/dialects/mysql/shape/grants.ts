// Privileges on single columns go by the column's name, and follow no rename: whoever may use an old column by such a one may use what takes
// its place.
import type { Grant } from "../../../schema/model.ts";
import { keyOf } from "../../../schema/names.ts";
import type { NewColumn } from "../../../step/shape.ts";
import type { StepCore } from "../../../step/step.ts";
import type { DraftStep } from "../../dialect.ts";
import { newOf, oldOf } from "../../shape/columns.ts";
import { probe, quietStep } from "../core.ts";
import { quoteLiteral } from "../quoting.ts";
import { at, column } from "../writing.ts";
import type { ShapeContext } from "./context.ts";

interface Granted {
  readonly column: string;
  readonly grantee: string;
  readonly privileges: readonly string[];
}

/** Through chains: what a link grants on its new columns the next one hands on. */
function granted({ table, shape }: ShapeContext): readonly Granted[] {
  const known = new Map<string, readonly Grant[]>(table.columns.map(({ name, grants }) => [name, grants]));
  return shape.links.flatMap((link) => {
    if (link.kind !== "copy" && link.kind !== "transform") return [];
    const grants = oldOf(link).flatMap(({ name }) => known.get(name) ?? []);
    return newOf(link).flatMap(({ hidden, spec }): Granted[] => {
      known.set(spec.name, grants);
      // A name that is taken over has its privileges.
      if (hidden !== spec.name) return [];
      const grantees = [...new Set(grants.map(({ grantee }) => grantee))];
      return grantees.map((grantee) => ({
        column: spec.name,
        grantee,
        privileges: [...new Set(grants.filter((each) => each.grantee === grantee).map(({ privilege }) => privilege))],
      }));
    });
  });
}

/** @param among new columns that are there when the steps are done. */
export function grantSteps(context: ShapeContext, among: readonly NewColumn[]): readonly DraftStep[] {
  const { table, group } = context;
  const there = granted(context).filter((each) => among.some(({ spec }) => spec.name === each.column));
  return there.map((each): DraftStep => {
    const list = each.privileges.map((privilege) => `${privilege} (${column(each.column)})`).join(", ");
    const count = `(select count(*) from information_schema.column_privileges where table_schema = ${quoteLiteral(table.name.schema)} and table_name = ${quoteLiteral(table.name.name)} and column_name = ${quoteLiteral(each.column)} and grantee = ${quoteLiteral(each.grantee)})`;
    const step = (title: string, why: string, statement: string, done: string): StepCore => ({
      ...quietStep({ title, why, statements: [statement], probe: probe(done), group }),
      work: "instant",
    });
    return {
      ...step(
        `${each.grantee} may use ${each.column} of ${keyOf(table.name)}`,
        "It may use the old column by a privilege on that column, which goes by the name.",
        `grant ${list} on ${at(table.name)} to ${each.grantee}`,
        `${count} >= ${each.privileges.length}`,
      ),
      undo: [
        step(
          `${each.grantee} may not use ${each.column} of ${keyOf(table.name)}`,
          "The column goes; the privilege would wait for another of its name.",
          `revoke ${list} on ${at(table.name)} from ${each.grantee}`,
          `${count} = 0`,
        ),
      ],
    };
  });
}

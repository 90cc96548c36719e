// What operations make whose definition only the server can say: a change of shape must read it before it can carry it over.
import type { Finding } from "../finding.ts";
import type { Operation } from "../operations/operation.ts";
import { keyOf, parseName } from "../schema/names.ts";

/** Operations that make something which hangs on columns. */
export const makes: ReadonlySet<string> = new Set(["create-table", "add-index"]);
/** Operations that carry over what hangs on columns. */
export const reshapes: ReadonlySet<string> = new Set(["rename-column", "transform", "drop-column", "set-not-null"]);

/** Follows the operations of one plan in order. */
export class Made {
  private readonly tables = new Set<string>();

  /** The refusal of a change of shape on a table that an earlier operation of the same plan creates or indexes. */
  follow(operation: Operation, namespace: string): readonly Finding[] {
    if (!("table" in operation)) return [];
    const table = keyOf(parseName(operation.table, namespace));
    if (makes.has(operation.kind)) this.tables.add(table);
    if (!reshapes.has(operation.kind) || !this.tables.has(table)) return [];
    return [
      {
        rule: "made-in-same-plan",
        severity: "refuse",
        subject: { kind: "table", name: table },
        message: `${operation.kind} of ${table} comes after an operation that creates or indexes it; what hangs on its columns can be read only when that is done.`,
        fix: "Put the change into a migration of its own: hotstick up applies one after the other. Or write the table in its final shape at once.",
      },
    ];
  }
}

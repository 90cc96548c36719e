// What statements of a user's own do in the operations before, of which the schema does not tell.
import type { Operation } from "../operations/operation.ts";
import type { StatementFact } from "../schema/facts.ts";
import type { ObjectName } from "../schema/model.ts";
import { keyOf } from "../schema/names.ts";

/** Whether a table stands though the schema has none of its name. */
export type IsMade = (table: ObjectName) => boolean;

type Named = readonly { readonly schema: string | null; readonly name: string }[];

/** What takes a table's name away. */
const ends = /^(drop|rename) table$/;

/** Follows the operations of one plan in order. */
export class TablesMade {
  private count = 0;
  private readonly texts: string[] = [];
  /** By which operation; only what commits by itself: a temporary table, which is made within a transaction, is in no catalog. */
  private readonly madeBy = new Map<string, number>();
  /** Their names may mean one table now and another later, so nothing is said of them. */
  private readonly ended = new Set<string>();

  follow(operation: Operation, namespace: string, statements: (text: string) => StatementFact | undefined): void {
    this.count += 1;
    if (operation.kind !== "sql") return;
    this.texts.push(...operation.statements);
    for (const text of operation.statements) {
      const fact = statements(text);
      if (!fact?.ok || fact.transactional) continue;
      const keys = (names: Named) => names.map(({ schema, name }) => keyOf({ schema: schema ?? namespace, name }));
      if (ends.test(fact.what)) for (const key of keys(fact.tables)) this.ended.add(key);
      else if (fact.what === "create table") for (const key of keys(fact.creates)) if (!this.madeBy.has(key)) this.madeBy.set(key, this.count);
    }
  }

  /** All statements of the operations so far, in order. */
  get statementsSoFar(): readonly string[] {
    return [...this.texts];
  }

  /** Of the operations so far; asked when all of them have been followed. */
  get soFar(): IsMade {
    const until = this.count;
    return (table) => {
      const key = keyOf(table);
      return !this.ended.has(key) && (this.madeBy.get(key) ?? Number.POSITIVE_INFINITY) <= until;
    };
  }
}

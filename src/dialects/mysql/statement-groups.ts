// A user's statements as they are sent: what commits by itself alone, rows together, and what SET sets before whatever comes behind it.
import type { UserStatement } from "../../step/change.ts";
import { setsSession } from "../../syntax/mysql/set.ts";
import type { Values } from "../../syntax/mysql/set-value.ts";
import { wordsOf } from "../../syntax/mysql/words.ts";
import { afterStatement, nothingSet } from "./kept-values.ts";

export interface Group {
  /** What is sent: one that commits by itself, or those that are one transaction, with the SETs among them. */
  readonly statements: readonly UserStatement[];
  readonly transactional: boolean;
  /** Where its first one stands in the list, and how many of the list it stands for, SETs before and behind it included. */
  readonly first: number;
  readonly count: number;
  /** What is set when it begins. */
  readonly values: Values;
}

type Growing = { -readonly [Key in keyof Group]: Group[Key] } & { statements: UserStatement[] };

/** @param from what is set before the first one. */
export function groupsOf(
  statements: readonly UserStatement[],
  version: number,
  from: Values = nothingSet,
): { readonly groups: readonly Group[]; readonly after: Values } {
  const groups: Growing[] = [];
  let values = from;
  /** SETs that nothing follows yet, and what was set before them. */
  let waiting: UserStatement[] = [];
  let before = from;
  for (const [at, statement] of statements.entries()) {
    const last = groups.at(-1);
    if (statement.transactional && last?.transactional && waiting.length === 0) {
      last.statements.push(statement);
      last.count++;
    } else if (setsSession(wordsOf(statement.text, { version }))) {
      if (waiting.length === 0) before = values;
      waiting.push(statement);
    } else {
      // Within a transaction a SET stays where it stands: there it may read what the statements before it did.
      const { transactional } = statement;
      const own = transactional ? [...waiting, statement] : [statement];
      groups.push({
        statements: own,
        transactional,
        first: at - own.length + 1,
        count: waiting.length + 1,
        values: transactional && waiting.length > 0 ? before : values,
      });
      waiting = [];
    }
    values = afterStatement(statement, values, version);
  }
  const last = groups.at(-1);
  if (last) last.count += waiting.length;
  else if (waiting.length > 0) groups.push({ statements: waiting, transactional: true, first: 0, count: waiting.length, values: from });
  return { groups, after: values };
}

// What a user's own SET sets to a value that nobody can compute again: a step of another process would do without it.
import type { Finding } from "../../finding.ts";
import type { Change, UserStatement } from "../../step/change.ts";
import { afterStatement, lostFor, nothingSet } from "./kept-values.ts";
import { groupsOf } from "./statement-groups.ts";

const short = (text: string): string => {
  const line = text.trim().replaceAll(/\s+/g, " ");
  return line.length > 60 ? `${line.slice(0, 57)}…` : line;
};

const lost = (text: string, name: string): Finding => ({
  rule: "value-not-kept",
  severity: "refuse",
  subject: { kind: "statement", name: short(text) },
  message: `"${short(text)}" is a step of its own, and needs ${name}, whose value was computed in a step before it: after a crash nobody knows it any more.`,
  fix: `Write what gives ${name} its value into the statement itself, or SET it once more, to a value without a query, before the statement.`,
});

function lostIn(statements: readonly UserStatement[], version: number): readonly Finding[] {
  return groupsOf(statements, version).groups.flatMap(({ statements: own, values: before }): readonly Finding[] => {
    let values = before;
    for (const statement of own) {
      const name = lostFor(statement, values, version);
      if (name !== null) return [lost(statement.text, name)];
      // What the same transaction computes is there for its other statements.
      const after = afterStatement(statement, nothingSet, version);
      values = new Map([...values].filter(([target]) => !after.has(target)));
    }
    return [];
  });
}

/** What is to be said of the values that a user's statements hand on to each other. */
export const lostValues = ({ statements, undo }: Extract<Change, { readonly kind: "statements" }>, version: number): readonly Finding[] => [
  ...lostIn(statements, version),
  ...lostIn(
    (undo ?? []).filter((each) => each !== null),
    version,
  ),
];

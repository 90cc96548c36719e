// What other databases of the server have that uses a column which leaves, and what the account cannot see of all that may.
import type { Finding } from "../../../finding.ts";
import type { OutsideFact, OutsideText } from "../../../schema/facts.ts";
import type { ObjectName, Table } from "../../../schema/model.ts";
import { keyOf } from "../../../schema/names.ts";
import { codeTokens, type Lexing } from "../../../syntax/mysql/lexer.ts";
import { nameOf, sameName } from "../../../syntax/mysql/written.ts";
import { names, refuse } from "./refusals.ts";
import { type Body, lexingOf, ofBody } from "./surroundings.ts";

/** Beyond its database a table is reached by both names. Where a text cannot be cut into tokens: better one too many. */
function isQualified(text: string, { schema, name }: ObjectName, lexing: Lexing): boolean {
  try {
    const all = codeTokens(text, lexing);
    return all.some((token, at) => {
      const [dot, next] = [all[at + 1], all[at + 2]];
      return (
        dot !== undefined &&
        next !== undefined &&
        text.slice(dot.start, dot.end) === "." &&
        sameName(nameOf(text, token), schema) &&
        sameName(nameOf(text, next), name)
      );
    });
  } catch {
    return true;
  }
}

function ofText({ kind, name, text, attributes }: OutsideText, table: Table, leaving: readonly string[], version: number): readonly Finding[] {
  const lexing = lexingOf(attributes, version);
  const called = `${kind.replace(/^./, (first) => first.toUpperCase())} ${keyOf(name)} of another database`;
  if (kind === "view") {
    if (!isQualified(text, table.name, lexing) || !names(text, leaving)) return [];
    const message = `${called} reads ${leaving.join(", ")} of ${keyOf(table.name)}, and would fail when the column is gone.`;
    return [
      refuse("dependent-view", kind, keyOf(name), message, "Drop the view before the run begins, and create it anew over the new columns from switch on."),
    ];
  }
  const body: Body = { kind, name: keyOf(name), called, text, lexing, on: null, elsewhere: true };
  const findings = ofBody(body, table, leaving);
  // Its own database may have a table of that name. What makes statements of strings is another matter.
  return isQualified(text, table.name, lexing) ? findings : findings.filter(({ rule }) => rule === "may-name-column");
}

/** @param fact absent: it was not asked for, since nothing leaves. */
export function checkOutside(fact: OutsideFact | undefined, table: Table, leaving: readonly string[], version: number): readonly Finding[] {
  if (fact === undefined || leaving.length === 0) return [];
  const name = keyOf(table.name);
  return [
    ...fact.texts.flatMap((text) => ofText(text, table, leaving, version)),
    ...(fact.unseen.length === 0
      ? []
      : [
          {
            rule: "not-all-seen",
            severity: "note",
            subject: { kind: "table", name },
            message: `This account does not see ${fact.unseen.join(", ")}. What among it names ${leaving.join(", ")} of ${name} is not found, and fails once the column has gone.`,
            fix: `Let an administrator's hotstick doctor tell what other databases have on this one; or let this account see it: ${fact.grants}`,
          } as const,
        ]),
  ];
}

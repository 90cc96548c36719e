// What a user's own ALTERs would do to those who work on the table, and what must be asked to know it.
import type { Finding } from "../../../finding.ts";
import type { Question } from "../../../schema/facts.ts";
import type { ObjectName, Schema } from "../../../schema/model.ts";
import { keyOf } from "../../../schema/names.ts";
import type { Change, UserStatement } from "../../../step/change.ts";
import type { ShadowCopyAct } from "../../../step/step.ts";
import { columnText } from "../../../syntax/mysql/column-text.ts";
import type { DraftContext } from "../../dialect.ts";
import { alteredBy } from "./altered.ts";
import { begin, type Followed, follow } from "./follow.ts";
import { leavingFindings, leavingQuestions } from "./leaving.ts";
import { isSmall } from "./limits.ts";
import { extent, rebuildsTable } from "./long.ts";
import type { Native } from "./native.ts";
import { serverFacts } from "./server.ts";
import { copyForm, copyWay } from "./shadow-copy.ts";

type Statements = Extract<Change, { readonly kind: "statements" }>;

const all = ({ statements, undo }: Statements): readonly UserStatement[] => [...statements, ...(undo ?? []).filter((each) => each !== null)];

/** The sizes of tables that stand, and how the server prints the types of columns that are written anew. */
export function nativeQuestions(change: Statements, schema: Schema): readonly Question[] {
  const questions: Question[] = [];
  for (const { text, tables } of all(change)) {
    const alter = alteredBy(text, schema.version);
    if (!alter) continue;
    for (const { table } of tables) if (schema.tables[keyOf(table)]) questions.push({ kind: "size", table });
    for (const action of alter.actions) {
      const type = columnText(text, action, { version: schema.version })?.type ?? "";
      if (type !== "") questions.push({ kind: "type", text: type });
    }
  }
  questions.push(...leavingQuestions(change.statements, schema));
  return [...new Map(questions.map((question) => [JSON.stringify(question), question])).values()];
}

const short = (text: string): string => {
  const line = text.trim().replaceAll(/\s+/g, " ");
  return line.length > 60 ? `${line.slice(0, 57)}…` : line;
};

function held(native: Native, form: ShadowCopyAct["form"], table: ObjectName, { size }: Followed, back: boolean): Finding {
  const way = copyWay(native.form);
  return {
    rule: "needs-shadow-copy",
    severity: form === "beside" ? "refuse" : "warn",
    acceptable: true,
    subject: { kind: "table", name: keyOf(table) },
    message: `${back ? "The undo " : ""}"${short(native.text)}" can be done only by ${way} ${keyOf(table)} while its writers wait for all of it (${extent(size, way === "copying" ? "copy" : "rebuild")}). Without that it is the step shadow-copy, into a table beside it, which this version cannot carry out yet.`,
    fix: "Use an operation for it (transform, set-not-null, add-column with a fill), by which writers go on; or accept needs-shadow-copy, and writers wait.",
  };
}

function sentAgain({ text }: UserStatement, back: boolean): Finding {
  return {
    rule: "sent-again",
    severity: "note",
    subject: { kind: "statement", name: short(text) },
    message: `Nothing in the catalog shows whether ${back ? "the undo " : ""}"${short(text)}" was carried out: if it is cut off by a crash it is sent again, and then it is done twice, or the server says that it is done already.`,
    fix: "Name the index or constraint that it makes, write it with IF [NOT] EXISTS or OR REPLACE, or so that doing it twice does no harm.",
  };
}

function exchangesNames({ text }: UserStatement, back: boolean): Finding {
  return {
    rule: "exchanges-names",
    severity: "refuse",
    acceptable: true,
    subject: { kind: "statement", name: short(text) },
    message: `${back ? "The undo " : ""}"${short(text)}" lets names change places: the same names are there before and after, so nothing in the catalog shows whether it was carried out. If it is cut off by a crash it is sent again, and each name means the other thing again, without an error.`,
    fix: "Write three statements, by way of a name that is free: a to c, b to a, c to b. Each of them can be seen. Or accept exchanges-names, and look at the names yourself after a crash.",
  };
}

/** What is done twice where a crash leaves it open. */
function repeated({ statement, trace }: Followed, back: boolean): readonly Finding[] {
  if (statement.transactional) return [];
  if (trace.kind === "exchange") return [exchangesNames(statement, back)];
  return trace.kind === "unseen" ? [sentAgain(statement, back)] : [];
}

function findingsOf(followed: Followed, context: DraftContext, back: boolean): readonly Finding[] {
  return [...repeated(followed, back), ...alterFindings(followed, context, back)];
}

function alterFindings(followed: Followed, { schema: { version }, facts, accepts }: DraftContext, back: boolean): readonly Finding[] {
  const { table, decided, size } = followed;
  if (!table || !decided) return [];
  return decided.parts.flatMap((native): readonly Finding[] => {
    if (native.holds) return [held(native, copyForm(size, accepts("needs-shadow-copy")), table, followed, back)];
    if (!native.form.rebuilds || !native.sure || isSmall(size) || back) return [];
    const way = native.form.algorithm === "COPY" ? "copy" : "rebuild";
    return [rebuildsTable({ what: `"${short(native.text)}"`, table, size, way, server: serverFacts(facts, version), version })];
  });
}

/** What is to be said of a user's statements on this schema. */
export function nativeFindings(change: Statements, context: DraftContext): readonly Finding[] {
  let moment = begin(context);
  const { statements, undo } = change;
  const paired = undo !== null && undo.length === statements.length;
  const forward = statements.flatMap((statement, i) => {
    const partner = undo === null ? null : paired ? (undo[statements.length - 1 - i]?.text ?? null) : undefined;
    const { followed, after } = follow(statement, moment, partner);
    moment = after;
    return findingsOf(followed, context, false);
  });
  const leaving = leavingFindings(statements, moment);
  const back = (undo ?? []).flatMap((statement) => {
    if (statement === null) return [];
    const { followed, after } = follow(statement, moment, null);
    moment = after;
    return findingsOf(followed, context, true);
  });
  return [...forward, ...leaving, ...back];
}

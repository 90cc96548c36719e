// Facts about expressions: type, whether it can be stored, what it depends on, and the columns it reads.
import { quoteName } from "../../../dialects/mysql/quoting.ts";
import { Problem } from "../../../problem.ts";
import type { ExpressionColumn, ExpressionFact, Question } from "../../../schema/facts.ts";
import type { Schema } from "../../../schema/model.ts";
import { type ParsedExpression, parseExpression, substitute } from "../../../syntax/mysql/expression.ts";
import { knownFunctions } from "../../../syntax/mysql/functions.ts";
import { type Judgement, judge } from "../../../syntax/mysql/judge.ts";
import { kindOfType } from "../../../syntax/mysql/kinds.ts";
import { sameName } from "../../../syntax/mysql/written.ts";
import type { Session } from "../../driver.ts";
import { collationOf, collationsOf, type ExpressionParts, expressionSpecimen, shows } from "./specimen.ts";
import { type Stored, sameCharacters, storesWithoutFail } from "./storing.ts";
import { numberOf, said, shownCollation, shownType, type Trial, tryAll } from "./trial.ts";
import { refuseType } from "./types.ts";

type ExpressionQuestion = Extract<Question, { readonly kind: "expression" }>;
type Refusal = Extract<ExpressionFact, { readonly ok: false }>;

const refusal = (message: string, hint: string | null = null, position: number | null = null): Refusal => ({ ok: false, message, position, hint });

/** A question whose text was read, and what can be told of it without the server. */
interface Asked {
  readonly question: ExpressionQuestion;
  readonly parsed: ParsedExpression;
  readonly judgement: Judgement;
  /** Columns of the question that it reads, as they are called there. */
  readonly columns: readonly ExpressionColumn[];
}

const columnOf = (question: ExpressionQuestion, name: string): ExpressionColumn | undefined =>
  question.columns.find((column) => column.name === name) ?? question.columns.find((column) => sameName(column.name, name));

/** Where the parser stopped, from 1 in characters of the text; it says line and column. */
function stoppedAt(problem: Problem, text: string): number | null {
  const [, line, column] = / at (\d+):(\d+): /.exec(problem.message) ?? [];
  if (line === undefined || column === undefined) return null;
  const before = text.split("\n").slice(0, Number(line) - 1);
  return [...before.join("\n")].length + (before.length > 0 ? 1 : 0) + Number(column);
}

/** The first line of what is wrong, as the end of a sentence whose beginning is the text. */
function withoutItsText({ message }: Problem, text: string): string {
  const [line = message] = message.split("\n");
  return line.replace(`"${text.trim()}" `, () => "it ").replace(/\.$/, "");
}

/** The position of a refusal, where comments have not moved it. */
const placeOf = (parsed: ParsedExpression, text: string, at: number): number | null => (parsed.text === text ? [...text.slice(0, at)].length + 1 : null);

/** Functions whose value is one within a statement: the time at which it began, and who runs it. */
const stable: ReadonlySet<string> = new Set(
  "now current_timestamp localtimestamp localtime current_date curdate current_time curtime utc_timestamp utc_date utc_time unix_timestamp database schema user current_user session_user system_user version connection_id".split(
    " ",
  ),
);

/**
 * What a trigger would compute otherwise in another session is refused. Without columns it is a default, which the server computes when the
 * statement runs, and may be the time or a random number.
 */
function refusedBySession({ question, parsed, judgement }: Asked): Refusal | null {
  const [first] = judgement.refusals;
  if (first === undefined || question.columns.length === 0) return null;
  return refusal(`it ${first.what}`, first.instead, placeOf(parsed, question.text, first.at));
}

function volatilityOf({ judgement, parsed }: Asked): "immutable" | "stable" | "volatile" {
  if (judgement.refusals.length === 0) return "immutable";
  return parsed.functions.some((name) => !stable.has(name) && !knownFunctions.has(name)) ? "volatile" : "stable";
}

/** Reads one question, so that its texts can be put into a statement. */
function read(question: ExpressionQuestion, version: number): Asked | Refusal {
  for (const type of [question.target, ...question.columns.map((column) => column.type)]) {
    const bad = refuseType(type);
    if (bad?.ok === false) return refusal(bad.message);
  }
  try {
    const parsed = parseExpression(question.text, question.row, { version });
    const kindOf = (name: string) => kindOfType(columnOf(question, name)?.type ?? "");
    const judgement = judge(parsed, { kindOf, version, target: kindOfType(question.target) });
    const columns = parsed.columns.flatMap((name) => columnOf(question, name) ?? []);
    const unknown = parsed.columns.find((name) => columnOf(question, name) === undefined);
    if (unknown !== undefined) return refusal(`there is no column ${unknown}`, question.columns.length === 0 ? "A default reads no columns." : null);
    return { question, parsed, judgement, columns };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return refusal(withoutItsText(error, question.text), error.hint ?? null, error.code === "bad-sql" ? stoppedAt(error, question.text) : null);
  }
}

const partsOf = ({ question, parsed, columns, judgement }: Asked, schema: Schema): ExpressionParts => ({
  text: parsed.text,
  row: question.row,
  columns: columns.map((column) => ({ ...column, type: `${column.type}${collationOf(schema, question.row, column)}` })),
  target: question.target,
  constant: columns.length === 0 && judgement.refusals.length === 0,
});

/** "Cannot cast … in assignment", and the older words of MySQL for geometries. */
const notAssignable: ReadonlySet<number> = new Set([4078, 4079, 4161, 1416]);

/** What the value may have to be stored in, as far as it is known; one that was tried already is left out. */
function possibleTargets({ question, parsed }: Asked, tried: Stored, collations: readonly string[]): readonly Stored[] {
  const target = kindOfType(question.target) === "json" ? { ...tried, type: "json" } : tried;
  const all = target.collation === null ? [target] : [target, ...collations.map((collation) => ({ ...target, collation }))];
  return parsed.columns.length > 0 ? all : all.filter((each) => !sameCharacters(each.collation, tried.collation));
}

/** @param target what it was stored in, or null where that failed. */
function factOf(asked: Asked, value: Stored, target: Stored | null, collations: readonly string[]): ExpressionFact {
  const { question, parsed, judgement, columns } = asked;
  return {
    ok: true,
    type: value.type,
    assignable: target !== null,
    volatility: volatilityOf(asked),
    qualified: substitute(parsed, (name) => quoteName([columnOf(question, name)?.name ?? name])),
    columns: [...new Set(columns.map((column) => column.name))],
    total: judgement.total && target !== null && possibleTargets(asked, target, collations).every((each) => storesWithoutFail(value, each)),
  };
}

const shown = (trial: Extract<Trial, { ok: true }>, at: number): Stored => ({ type: shownType(trial.rows[at]), collation: shownCollation(trial.rows[at]) });

/** One that the server refused: whether in itself, or only in being stored. */
async function decide(session: Session, asked: Asked, error: unknown, schema: Schema): Promise<ExpressionFact> {
  const whole = expressionSpecimen(0, partsOf(asked, schema));
  const [alone] = await tryAll(session, [{ ...whole, statements: whole.statements.slice(0, shows.value + 1) }]);
  const { message, hint } = said(error);
  if (alone?.ok !== true || !notAssignable.has(numberOf(error))) return refusal(message, hint);
  return factOf(asked, shown(alone, shows.value), null, []);
}

/** What each expression is, or why the grammar, the rules or the server refuse it. Leaves nothing behind. */
export async function answerExpressions(session: Session, questions: readonly ExpressionQuestion[], schema: Schema): Promise<readonly ExpressionFact[]> {
  const readings = questions.map((question) => read(question, schema.version));
  const answers = readings.map((reading): ExpressionFact | null => ("ok" in reading ? reading : refusedBySession(reading)));
  const asked = readings.filter((reading, index): reading is Asked => !("ok" in reading) && answers[index] === null);
  const trials = await tryAll(
    session,
    asked.map((each, index) => expressionSpecimen(index, partsOf(each, schema))),
  );
  const facts: ExpressionFact[] = [];
  for (const [index, each] of asked.entries()) {
    const trial = trials[index];
    if (trial === undefined) throw new Error("an expression was asked about and not answered");
    const collations = collationsOf(schema, each.question.row);
    facts.push(trial.ok ? factOf(each, shown(trial, shows.value), shown(trial, shows.target), collations) : await decide(session, each, trial.error, schema));
  }
  return answers.map((answer) => {
    const fact = answer ?? facts.shift();
    if (fact === undefined) throw new Error("an expression was asked about and not answered");
    return fact;
  });
}

// Answers to what planning asks about the world outside a Schema.
import type { ExpressionFact, Facts, Question, RightsFact, SizeFact, TypeFact } from "../../schema/facts.ts";
import { questionKey } from "../../schema/facts.ts";
import type { ObjectName, Schema } from "../../schema/model.ts";
import { keyOf } from "../../schema/names.ts";
import type { PostgresSyntax } from "../../syntax/postgres/parser.ts";
import type { Session } from "../driver.ts";
import { answerExpressions } from "./facts/expressions.ts";
import { readReplicas, readSettings } from "./facts/server.ts";
import { readEmptiness, readRights, readSizes, rightsOfNothing, sizeOfNothing } from "./facts/tables.ts";
import { answerTypes } from "./facts/types.ts";

type Of<K extends Question["kind"]> = Extract<Question, { readonly kind: K }>;

/** Questions of one kind, each once. */
const ofKind = <K extends Question["kind"]>(questions: readonly Question[], kind: K): readonly Of<K>[] => [
  ...new Map(questions.filter((question): question is Of<K> => question.kind === kind).map((question) => [questionKey(question), question])).values(),
];

/** Answers by key; `rows` name their table, and a table without a row does not exist. */
const byTable = <F>(questions: readonly { readonly table: ObjectName }[], rows: ReadonlyMap<string, F>, missing: F): Record<string, F> =>
  Object.fromEntries(questions.map(({ table }) => [JSON.stringify([table.schema, table.name]), rows.get(keyOf(table)) ?? missing]));

async function sizes(session: Session, questions: readonly Of<"size">[]): Promise<Record<string, SizeFact>> {
  if (questions.length === 0) return {};
  const rows = await readSizes(
    session,
    questions.map((question) => question.table),
  );
  return byTable(
    questions,
    new Map(rows.map((row): [string, SizeFact] => [keyOf(row), { rows: row.rows, bytes: row.bytes, partitions: row.partitions }])),
    sizeOfNothing,
  );
}

async function rights(session: Session, questions: readonly Of<"rights">[]): Promise<Record<string, RightsFact>> {
  if (questions.length === 0) return {};
  const rows = await readRights(
    session,
    questions.map((question) => question.table),
  );
  return byTable(
    questions,
    new Map(rows.map((row): [string, RightsFact] => [keyOf(row), { owner: row.owner, seesAllRows: row.seesAllRows, create: row.create }])),
    rightsOfNothing,
  );
}

/** A table that the schema does not have (yet) holds no rows. */
async function emptiness(session: Session, questions: readonly Of<"empty">[], schema: Schema): Promise<Record<string, boolean>> {
  const known = questions
    .map((question) => question.table)
    .filter((table) => schema.tables[keyOf(table)] !== undefined || schema.views[keyOf(table)] !== undefined);
  const answers = await readEmptiness(session, known);
  return byTable(questions, new Map(known.map((table, index) => [keyOf(table), answers[index] === true])), true);
}

const zip = <F>(keys: readonly string[], answers: readonly F[]): Record<string, F> => Object.fromEntries(keys.map((key, index) => [key, answers[index] as F]));

/** Answers all questions in few round trips and changes nothing. `syntax` is loaded only where a type or an expression is asked about. */
export async function answer(session: Session, questions: readonly Question[], schema: Schema, syntax: () => Promise<PostgresSyntax>): Promise<Facts> {
  const types = ofKind(questions, "type");
  const expressions = ofKind(questions, "expression");
  const grammar = types.length + expressions.length > 0 ? await syntax() : null;
  const typed: Record<string, TypeFact> =
    grammar === null
      ? {}
      : zip(
          types.map(questionKey),
          await answerTypes(
            session,
            grammar,
            types.map((question) => question.text),
          ),
        );
  const judged: Record<string, ExpressionFact> =
    grammar === null ? {} : zip(expressions.map(questionKey), await answerExpressions(session, grammar, expressions));
  return {
    size: await sizes(session, ofKind(questions, "size")),
    empty: await emptiness(session, ofKind(questions, "empty"), schema),
    rights: await rights(session, ofKind(questions, "rights")),
    setting: await readSettings(
      session,
      ofKind(questions, "setting").map(({ name }) => name),
    ),
    replicas: questions.some(({ kind }) => kind === "replicas") ? { [questionKey({ kind: "replicas" })]: await readReplicas(session) } : {},
    type: typed,
    expression: judged,
    // A database is by itself here, and everybody sees its definitions.
    outside: Object.fromEntries(ofKind(questions, "outside").map((question) => [questionKey(question), { texts: [], unseen: [], grants: "" }])),
    // Not the server's to answer.
    statement: {},
  };
}

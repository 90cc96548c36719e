// Answers to what planning asks about the world outside a Schema.
import type { Facts, Question } from "../../schema/facts.ts";
import { questionKey } from "../../schema/facts.ts";
import type { ObjectName, Schema } from "../../schema/model.ts";
import { keyOf } from "../../schema/names.ts";
import type { Session } from "../driver.ts";
import { answerExpressions } from "./facts/expressions.ts";
import { type OutsideMemory, readOutside } from "./facts/outside.ts";
import { readRights } from "./facts/rights.ts";
import { readReplicas, readSettings } from "./facts/server.ts";
import { readEmptiness, readSizes, sizeOfNothing } from "./facts/tables.ts";
import { answerTypes } from "./facts/types.ts";

type Of<K extends Question["kind"]> = Extract<Question, { readonly kind: K }>;

/** Questions of one kind, each once. */
const ofKind = <K extends Question["kind"]>(questions: readonly Question[], kind: K): readonly Of<K>[] => [
  ...new Map(questions.filter((question): question is Of<K> => question.kind === kind).map((question) => [questionKey(question), question])).values(),
];

const tablesOf = (questions: readonly { readonly table: ObjectName }[]): readonly ObjectName[] => questions.map(({ table }) => table);

/** Answers by key; a table without an answer does not exist. */
const byTable = <F>(tables: readonly ObjectName[], answers: ReadonlyMap<string, F>, missing: F): Record<string, F> =>
  Object.fromEntries(tables.map((table) => [JSON.stringify([table.schema, table.name]), answers.get(keyOf(table)) ?? missing]));

const zip = <F>(questions: readonly Question[], answers: readonly F[]): Record<string, F> =>
  Object.fromEntries(questions.map((question, index) => [questionKey(question), answers[index] as F]));

/** Null where nothing has that name. */
const byName = (names: readonly string[], answers: ReadonlyMap<string, string>): Record<string, string | null> =>
  Object.fromEntries(names.map((name) => [name, answers.get(name) ?? null]));

/** A table that the schema does not have (yet) holds no rows. */
async function emptiness(session: Session, tables: readonly ObjectName[], schema: Schema): Promise<Record<string, boolean>> {
  const known = tables.filter((table) => schema.tables[keyOf(table)] !== undefined || schema.views[keyOf(table)] !== undefined);
  const answers = await readEmptiness(session, known);
  return byTable(tables, new Map(known.map((table, index) => [keyOf(table), answers[index] === true])), true);
}

/** Answers all questions in few round trips and changes nothing but temporary tables of its own. */
export async function answer(session: Session, questions: readonly Question[], schema: Schema, memory: OutsideMemory = {}): Promise<Facts> {
  const types = ofKind(questions, "type");
  const expressions = ofKind(questions, "expression");
  const sizes = tablesOf(ofKind(questions, "size"));
  const rights = tablesOf(ofKind(questions, "rights"));
  const settings = ofKind(questions, "setting").map(({ name }) => name);
  const outside = tablesOf(ofKind(questions, "outside"));
  return {
    size: byTable(sizes, await readSizes(session, sizes, schema.version), sizeOfNothing),
    empty: await emptiness(session, tablesOf(ofKind(questions, "empty")), schema),
    rights: byTable(rights, await readRights(session, rights), { owner: true, seesAllRows: true, create: true }),
    outside: byTable(outside, await readOutside(session, outside, schema.version, memory), { texts: [], unseen: [], grants: "" }),
    type: zip(
      types,
      await answerTypes(
        session,
        types.map((question) => question.text),
      ),
    ),
    expression: zip(expressions, await answerExpressions(session, expressions, schema)),
    setting: byName(settings, await readSettings(session, settings)),
    replicas: questions.some(({ kind }) => kind === "replicas") ? { [questionKey({ kind: "replicas" })]: await readReplicas(session) } : {},
    // Not the server's to answer.
    statement: {},
  };
}

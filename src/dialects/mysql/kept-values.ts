// What a user's own SETs leave set for the statements behind them, as one SET that anyone can send in a session where nothing has been set.
import type { UserStatement } from "../../step/change.ts";
import { type Around, literally } from "../../step/step.ts";
import { statementKind } from "../../syntax/mysql/kind.ts";
import { readSet, userVariable } from "../../syntax/mysql/set.ts";
import { type Values, valueText } from "../../syntax/mysql/set-value.ts";
import { said, type Words, wordsOf } from "../../syntax/mysql/words.ts";
import { ourNames, ourValue } from "./settings.ts";

export const nothingSet: Values = new Map();

const isUsers = (target: string): boolean => target.startsWith("@");

/** What SET NAMES sets, one by one. */
const partsOfNames = ["character_set_client", "character_set_connection", "character_set_results", "collation_connection"] as const;

/** All values are computed before the first one is set, on both servers. */
function afterSet(words: Words, before: Values): Values {
  const values = new Map(before);
  for (const { target, scope, from, to } of readSet(words) ?? []) {
    if (scope === "global") continue;
    const value =
      target === "names" ? words.text.slice(words.all[from]?.start, words.all[to - 1]?.end) : valueText(words, { from, to }, before, !isUsers(target));
    if (target === "names") for (const part of partsOfNames) values.delete(part);
    const partly = values.has("names") && partsOfNames.some((part) => part === target);
    if (!partly && (value === ourValue(target) || value === `@@${target}`)) values.delete(target);
    else values.set(target, value);
  }
  return values;
}

const variablesIn = (words: Words): readonly { readonly name: string; readonly at: number }[] =>
  words.all.flatMap(({ kind, start, end }, at) => (kind === "variable" ? [{ name: userVariable(words.text.slice(start, end)), at }] : []));

/** Variables that a statement gives values to in another way than by SET. */
function assignedIn(words: Words, before: Values): readonly string[] {
  const found = variablesIn(words);
  // What a routine or a prepared statement does to them nobody sees.
  if (/^(call|execute|begin)$/.test(statementKind(words))) return [...[...before.keys()].filter(isUsers), ...found.map(({ name }) => name)];
  const isInto = (at: number): boolean =>
    said(words, at - 1) === "into" || (said(words, at - 1) === "," && words.all[at - 2]?.kind === "variable" && isInto(at - 2));
  return found.filter(({ at }) => said(words, at + 1) === ":=" || isInto(at)).map(({ name }) => name);
}

/** A routine reads variables when it is called. */
const isRoutine = (words: Words): boolean => /^(create|alter) (procedure|function|trigger|event)$/.test(statementKind(words));

/** What is set behind a statement. */
export function afterStatement({ text }: UserStatement, before: Values, version: number): Values {
  const words = wordsOf(text, { version });
  if (said(words, 0) === "set") return afterSet(words, before);
  const assigned = isRoutine(words) ? [] : assignedIn(words, before);
  return assigned.length === 0 ? before : new Map([...before, ...assigned.map((name) => [name, null] as const)]);
}

/** What a statement sets itself, so that it may be set back. */
export const targetsOf = ({ text }: UserStatement, version: number): readonly string[] =>
  (readSet(wordsOf(text, { version })) ?? []).flatMap(({ target, scope }) => (scope === "global" ? [] : [target]));

/** The variable whose value is lost and which a statement needs; null where it needs none. */
export function lostFor(statement: UserStatement, values: Values, version: number): string | null {
  const words = wordsOf(statement.text, { version });
  const isSet = said(words, 0) === "set";
  const targets = targetsOf(statement, version);
  const read = isRoutine(words) ? [] : variablesIn(words).filter(({ at }) => !(isSet && said(words, at + 1) === "=") && said(words, at + 1) !== ":=");
  const isNeeded = (target: string): boolean => (isUsers(target) ? read.some(({ name }) => name === target) : !targets.includes(target));
  return [...values].find(([target, value]) => value === null && isNeeded(target))?.[0] ?? null;
}

const written = (target: string): string => (isUsers(target) ? `@\`${target.slice(1).replaceAll("`", "``")}\`` : `session ${target}`);

/** What surrounds statements before which these are set, and which set these themselves; undefined where nothing is. */
export function aroundOf(values: Values, targets: readonly string[]): Around | undefined {
  const set = [...values].flatMap(([target, value]) => (value === null ? [] : [{ target, value }]));
  const back = [...new Set([...set.map(({ target }) => target), ...targets])];
  if (back.length === 0) return undefined;
  const inOrder = <T>(all: readonly T[], name: (each: T) => string): readonly T[] =>
    all.toSorted((a, b) => Number(name(b) === "names") - Number(name(a) === "names"));
  const ofNames = (target: string): boolean => target === "names" || partsOfNames.some((part) => part === target);
  const assignments = inOrder(set, ({ target }) => target).map(({ target, value }) => (target === "names" ? value : `${written(target)} = ${value}`));
  const others = back.filter((target) => !ofNames(target)).map((target) => `${written(target)} = ${isUsers(target) ? "null" : ourValue(target)}`);
  return {
    before: assignments.length === 0 ? [] : [literally(`set ${assignments.join(", ")}`)],
    after: [`set ${[...(back.some(ofNames) ? [ourNames] : []), ...others].join(", ")}`].map(literally),
  };
}

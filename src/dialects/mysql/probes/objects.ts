// What says that a statement of a user's own has made, dropped or renamed whole objects.
import { objectAt } from "../../../syntax/mysql/kind.ts";
import { nameAt, said, says, type Words, type WrittenName } from "../../../syntax/mysql/words.ts";
import { probe } from "../core.ts";
import { objects, tableThere } from "./catalog.ts";
import type { Before, Trace } from "./trace.ts";

/** Names divided by commas from `at` on. */
function namesFrom(words: Words, at: number): readonly WrittenName[] {
  const found: WrittenName[] = [];
  for (let next = at; ; ) {
    const here = nameAt(words, next);
    if (!here) return found;
    found.push(here.name);
    if (said(words, here.end) !== ",") return found;
    next = here.end + 1;
  }
}

/** Behind the kind of object and IF [NOT] EXISTS. */
const behind = (words: Words, at: number): number => (says(words, at, "if", "not", "exists") ? at + 3 : says(words, at, "if", "exists") ? at + 2 : at);

export function objectTrace(words: Words, before: Before): Trace {
  const at = objectAt(words);
  const kind = said(words, at) === "schema" ? "database" : said(words, at);
  const there = objects[kind];
  const create = said(words, 0) === "create";
  if (create && says(words, 1, "or", "replace")) return { kind: "again" };
  if (!there || says(words, 1, "temporary")) return { kind: "unseen" };
  const from = behind(words, at + 1);
  const maybe = from > at + 1;
  const first = nameAt(words, from);
  if (!first) return { kind: "unseen" };
  if (create) {
    // The server has to say that it is there already.
    if (kind === "table" && !maybe && before.table(first.name) === true) return { kind: "unseen" };
    return { kind: "seen", probe: probe(there(first.name)) };
  }
  const names = namesFrom(words, from);
  if (kind === "table" && !maybe && names.some((name) => before.table(name) === false)) return { kind: "unseen" };
  return { kind: "seen", probe: probe(names.map((name) => `not ${there(name)}`).join(" and ")) };
}

/** RENAME TABLE a TO b, c TO d: what is there afterwards and was not before, and what is gone. Names in exchange tell nothing. */
export function renameTrace(words: Words): Trace {
  const names = new Map<string, { readonly name: WrittenName; readonly was: boolean; is: boolean }>();
  const note = (name: WrittenName, is: boolean): void => {
    const key = JSON.stringify([name.schema, name.name.toLowerCase()]);
    // What is renamed first was there, what is taken first was not.
    const known = names.get(key) ?? { name, was: !is, is };
    names.set(key, { ...known, is });
  };
  for (let at = behind(words, 2); ; ) {
    const from = nameAt(words, at);
    const to = from ? nameAt(words, from.end + 1) : null;
    if (!from || !to) return { kind: "unseen" };
    note(from.name, false);
    note(to.name, true);
    if (said(words, to.end) !== ",") break;
    at = to.end + 1;
  }
  const changed = [...names.values()].filter(({ was, is }) => was !== is);
  const conditions = changed.map(({ name, is }) => (is ? tableThere(name) : `not ${tableThere(name)}`));
  // One name alone: in other letters.
  if (conditions.length === 0) return { kind: names.size > 1 ? "exchange" : "unseen" };
  return { kind: "seen", probe: probe(conditions.join(" and ")) };
}

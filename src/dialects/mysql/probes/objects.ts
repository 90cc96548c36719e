// What says that a statement of a user's own has made, dropped or renamed whole objects.
import { namesFrom, skipExistence } from "../../../syntax/mysql/effects.ts";
import { objectAt, objectKind, statementKind } from "../../../syntax/mysql/kind.ts";
import { renamedTables } from "../../../syntax/mysql/renamed-tables.ts";
import { nameAt, said, says, type Words, type WrittenName } from "../../../syntax/mysql/words.ts";
import { probe } from "../core.ts";
import { objects, tableThere } from "./catalog.ts";
import type { Before, Trace } from "./trace.ts";

/** What CREATE or DROP is about. */
interface About {
  readonly kind: string;
  readonly create: boolean;
  readonly replace: boolean;
  readonly temporary: boolean;
  /** IF [NOT] EXISTS. */
  readonly maybe: boolean;
  readonly names: readonly WrittenName[];
}

function about(words: Words): About {
  const at = objectAt(words);
  const kind = objectKind(words) ?? "";
  const from = skipExistence(words, at + 1);
  const create = said(words, 0) === "create";
  const replace = create && says(words, 1, "or", "replace");
  const first = nameAt(words, from)?.name;
  return {
    kind: kind === "schema" ? "database" : kind,
    create,
    replace,
    temporary: says(words, replace ? 3 : 1, "temporary"),
    maybe: from > at + 1,
    names: create ? (first ? [first] : []) : namesFrom(words, from),
  };
}

const inCommon: ReadonlySet<string> = new Set(["table", "view", "sequence"]);

/** Whether a statement makes this object, drops it or gives its name to another; null where it does none of that. */
export function objectAfter(words: Words, kind: string, is: (name: WrittenName) => boolean): boolean | null {
  if (statementKind(words) === "rename table") {
    const names = inCommon.has(kind) ? (renamedTables(words) ?? []).flatMap(({ from, to }) => [[from, false] as const, [to, true] as const]) : [];
    return names.findLast(([name]) => is(name))?.[1] ?? null;
  }
  if (!/^(create|drop)$/.test(said(words, 0))) return null;
  const { kind: own, create, temporary, names } = about(words);
  const same = own === kind || (inCommon.has(own) && inCommon.has(kind));
  return same && !temporary && names.some(is) ? create : null;
}

export function objectTrace(words: Words, before: Before): Trace {
  const { kind, create, replace, temporary, maybe, names } = about(words);
  if (replace) return { kind: "again" };
  const there = objects[kind];
  const [first] = names;
  if (!there || temporary || !first) return { kind: "unseen" };
  if (create) {
    // The server has to say that it is there already.
    if (!maybe && before.object(kind, first) === true) return { kind: "unseen" };
    return { kind: "seen", probe: probe(there(first)) };
  }
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
  const renamed = renamedTables(words);
  // What IF EXISTS passes over leaves nothing by which it could be found.
  if (!renamed || says(words, 2, "if", "exists")) return { kind: "unseen" };
  for (const { from, to } of renamed) {
    note(from, false);
    note(to, true);
  }
  const changed = [...names.values()].filter(({ was, is }) => was !== is);
  const conditions = changed.map(({ name, is }) => (is ? tableThere(name) : `not ${tableThere(name)}`));
  // One name alone: in other letters.
  if (conditions.length === 0) return { kind: names.size > 1 ? "exchange" : "unseen" };
  return { kind: "seen", probe: probe(conditions.join(" and ")) };
}

// One short text for a whole schema, and in words what two schemas differ in.
import { createHash } from "node:crypto";
import type { CanonicalOptions, Json } from "./canonical.ts";
import { canonical } from "./canonical.ts";
import type { ObjectName, Schema } from "./model.ts";
import { keyOf } from "./names.ts";

const digest = (value: Json): string => createHash("sha256").update(JSON.stringify(value)).digest("hex");

/** SHA-256 of the canonical form, in hexadecimal. */
export const fingerprint = (schema: Schema, options: CanonicalOptions = {}): string => digest(canonical(schema, options));

const grouped = <T>(map: Readonly<Record<string, T>>, owner: (value: T) => ObjectName | undefined): Map<string, T[]> => {
  const groups = new Map<string, T[]>();
  for (const value of Object.values(map)) {
    const name = owner(value);
    if (name === undefined) continue;
    const key = keyOf(name);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [value]);
    else group.push(value);
  }
  return groups;
};

const byKey = <T extends { readonly name: ObjectName }>(values: readonly T[] = []): Record<string, T> =>
  Object.fromEntries(values.map((value) => [keyOf(value.name), value]));

/** A fingerprint for each table with its sequences and statistics: the same as `fingerprint` of that table alone. */
export function tableFingerprints(schema: Schema): Readonly<Record<string, string>> {
  const sequences = grouped(schema.sequences, (sequence) => sequence.ownedBy?.table);
  const statistics = grouped(schema.statistics, (each) => each.table);
  const fingerprints: Record<string, string> = {};
  for (const table of Object.values(schema.tables)) {
    const key = keyOf(table.name);
    // Only its own parts are handed over: searching all of them for every table would take the square of their number.
    const alone: Schema = { ...schema, tables: { [key]: table }, sequences: byKey(sequences.get(key)), statistics: byKey(statistics.get(key)) };
    fingerprints[key] = fingerprint(alone, { tables: [table.name] });
  }
  return fingerprints;
}

/** One place where two canonical forms differ; `undefined` where a side has nothing. */
export interface Difference {
  readonly path: readonly string[];
  readonly before: Json | undefined;
  readonly after: Json | undefined;
}

type JsonObject = { readonly [key: string]: Json };
const isRecord = (value: Json | undefined): value is JsonObject => typeof value === "object" && value !== null && !Array.isArray(value);

/** Every place where two canonical forms differ, as deep as both sides are objects. */
export function differences(before: Json | undefined, after: Json | undefined, path: readonly string[] = []): readonly Difference[] {
  if (isRecord(before) && isRecord(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    return keys.flatMap((key) => differences(before[key], after[key], [...path, key]));
  }
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ path, before, after }];
}

/** Singular words for the lists of the model, so that a path reads as a sentence. */
const words: Readonly<Record<string, string>> = {
  namespaces: "namespace",
  tables: "table",
  views: "view",
  sequences: "sequence",
  types: "type",
  routines: "routine",
  publications: "publication",
  statistics: "statistics",
  extensions: "extension",
  events: "event",
  columns: "column",
  constraints: "constraint",
  indexes: "index",
  triggers: "trigger",
  policies: "policy",
  rules: "rule",
  lists: "columns",
};

/** A whole object would fill the screen; its presence is what counts. */
const shown = (value: Json | undefined): string => {
  if (value === undefined) return "nothing";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 200 ? `${text.slice(0, 199)}…` : text;
};

/** One line for people: the place, what was there, what is there. */
export function describeDifference({ path, before, after }: Difference): string {
  const [list = "", name, ...rest] = path;
  const pieces = name === undefined ? [words[list] ?? list] : [`${words[list] ?? list} ${name}`];
  for (let at = 0; at < rest.length; at += 1) {
    const word = rest[at] ?? "";
    const next = rest[at + 1];
    if (words[word] !== undefined && next !== undefined) {
      pieces.push(`${words[word]} ${next}`);
      at += 1;
    } else pieces.push(word);
  }
  const place = pieces.join(", ");
  if (before === undefined && isRecord(after)) return `${place}: is new`;
  if (after === undefined && isRecord(before)) return `${place}: is gone`;
  return `${place}: ${shown(before)} → ${shown(after)}`;
}

/** One line for each place where two schemas differ: the place, what was there, what is there. */
export const explainDifference = (before: Schema, after: Schema, options: CanonicalOptions = {}): readonly string[] =>
  differences(canonical(before, options), canonical(after, options)).map(describeDifference);

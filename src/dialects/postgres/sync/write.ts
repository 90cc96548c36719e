// The few things that a trigger does to the row at hand.
import type { Ref } from "../../sync/link.ts";
import { quoteLiteral, quoteName } from "../quoting.ts";
import { attempt, branch, type Code } from "./code.ts";
import { literalOf } from "./default.ts";
import { differ, imagesDiffer, inNew, inOld, valuesDiffer } from "./field.ts";
import { type SyncInput, sideSetting } from "./input.ts";
import type { Pair, Supply } from "./link.ts";
import { isPending, markerValue, type Side, side, sideOf } from "./marker.ts";
import { qualifiedType } from "./type.ts";

const set = (name: string, value: string, ref: Ref = inNew): string => `${ref(name)} := ${value};`;
const setAll = (fields: readonly { readonly name: string }[], values: readonly string[], ref: Ref = inNew): Code =>
  fields.map(({ name }, i) => set(name, values[i] ?? "null", ref));

/** Says who wrote last. */
export const mark = (pair: Pair, written: Side): Code => (pair.marker === null ? [] : [set(pair.marker, markerValue(written))]);

/** True for a row that this link has not filled, or not in this generation. */
export const pending = (pair: Pair, ref: Ref): string =>
  pair.marker === null
    ? pair.old.map((old, i) => valuesDiffer(old.type, ref(old.name), ref(pair.new[i]?.name ?? ""))).join(" or ")
    : isPending(pair.marker, ref);

/** Leaves the new side of a link empty and the row unfilled: what its old side holds cannot be translated. */
export const writeEmpty = (pair: Pair): Code => [...pair.new.map(({ name }) => set(name, "null")), ...(pair.marker === null ? [] : [set(pair.marker, "null")])];

/** new := up(old). Where that raises, `lost` is what else has nothing to read now. */
export function writeUp(pair: Pair, lost: Code = []): Code {
  const code = [...setAll(pair.new, pair.up(inNew)), ...mark(pair, side.old)];
  return pair.raises ? attempt(code, [...writeEmpty(pair), ...lost]) : code;
}

/** old := down(new). What it raises refuses the new writer's statement. */
export const writeDown = (pair: Pair): Code => [...setAll(pair.old, pair.down(inNew)), ...mark(pair, side.new)];

/** True where the session has said that this side rules in a tie. */
export const rules = (which: "old" | "new"): string =>
  `coalesce(pg_catalog.current_setting(${quoteLiteral(sideSetting)}, true), '') operator(pg_catalog.=) '${which}'`;

/** A statement wrote both sides: each keeps what it was given, unless the session says which side rules. */
export function writeBoth(pair: Pair, stage: SyncInput["stage"], up: Code, down: Code, keep: Code = []): Code {
  if (pair.marker !== null) return branch([rules("old"), up], [rules("new"), down], [null, [...mark(pair, side.both), ...keep]]);
  // Two different values under two names of one value cannot both be kept: the truth of the stage rules.
  return stage === "expanded" ? branch([rules("new"), down], [null, up]) : branch([rules("old"), up], [null, down]);
}

/** What new code leaves out where it gave something: the table has no defaults for it while both sides live. */
export const writeDefaults = (pair: Pair): Code =>
  pair.new.flatMap((field) =>
    field.supplied === null
      ? []
      : branch([
          `pg_catalog.num_nulls(${inNew(field.name)}) operator(pg_catalog.>) 0`,
          [set(field.name, literalOf(field.supplied, field.type) ?? `(${field.supplied})`)],
        ]),
  );

/** On an unfilled row: new columns that the statement left alone get what a filled row would hold. */
export function completeNew(pair: Pair): Code {
  const values = pair.up(inOld);
  const code = pair.new.flatMap((field, i) => branch([`not ${differ([field], inOld, inNew)}`, [set(field.name, values[i] ?? "null")]]));
  return pair.raises ? attempt(code, []) : code;
}

/**
 * Makes OLD, and what the statement left alone of NEW, a filled row: the statement's own changes then show against it.
 * @param sources links that this one reads from, and whose rows can be beyond filling.
 */
export function fillOld(pair: Pair, sources: readonly Pair[] = []): Code {
  const values = pair.up(inOld);
  const code = [...completeNew({ ...pair, raises: false }), ...setAll(pair.new, values, inOld), ...mark(pair, side.old)];
  const condition = [pending(pair, inOld), ...sources.map((source) => `not ${pending(source, inNew)}`)].join(" and ");
  return branch([condition, pair.raises ? attempt(code, pair.marker === null ? [] : [set(pair.marker, "null")]) : code]);
}

/** The value of an old column is exact where the old side wrote last and the new one still agrees; down(new) could lose some of it. */
export function isExact(pair: Pair, ref: Ref): string {
  if (pair.marker === null) return "false";
  const up = pair.up(ref);
  const images = imagesDiffer(
    pair.new.map(({ name }) => ref(name)),
    pair.new.map(({ type }, i) => `(${up[i] ?? "null"})::${qualifiedType(type)}`),
  );
  return `case when ${sideOf(pair.marker, ref)} operator(pg_catalog.=) ${side.old} then not ${images} else false end`;
}

/** As `fillOld`, where the new side is the truth and the old one may be stale. Needs the variable `exact`. */
export function refillOld(pair: Pair): Code {
  const values = pair.down(inOld);
  const left = pair.old.flatMap((field, i) => branch([`not ${differ([field], inOld, inNew)}`, [set(field.name, values[i] ?? "null")]]));
  return branch([
    pending(pair, inOld),
    [...decideExact(pair, inOld), ...branch(["exact", mark(pair, side.old)], [null, [...left, ...setAll(pair.old, values, inOld), ...mark(pair, side.new)]])],
  ]);
}

/** A stale row that arrives by INSERT moved from another partition. Needs the variable `exact`. */
export const refillMoved = (pair: Pair): Code =>
  pair.marker === null
    ? []
    : branch([
        `${inNew(pair.marker)} is not null and ${pending(pair, inNew)}`,
        [...decideExact(pair, inNew), ...branch(["exact", mark(pair, side.old)], [null, writeDown(pair)])],
      ]);

function decideExact(pair: Pair, ref: Ref): Code {
  const code = [`exact := ${isExact(pair, ref)};`];
  return pair.raises ? attempt(code, ["exact := false;"]) : code;
}

/** Gives a value where there is none; an old writer never fails by it. */
export function writeSupply(supply: Supply, also = ""): Code {
  const code = [set(supply.field.name, supply.fill(inNew))];
  return branch([`pg_catalog.num_nulls(${inNew(supply.field.name)}) operator(pg_catalog.>) 0${also}`, supply.raises ? attempt(code, []) : code]);
}

/**
 * Counts a row that the old side alone wrote; a sequence takes no row lock and is not undone.
 * As a condition it is a simple expression; PERFORM would go through the executor.
 */
export const countOldWrite = (sequence: SyncInput["oldWrites"]): Code =>
  sequence === null ? [] : branch([`pg_catalog.nextval(${quoteLiteral(quoteName([sequence.schema, sequence.name]))}::pg_catalog.regclass) is null`, []]);

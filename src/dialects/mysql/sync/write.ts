// The few things that a trigger does to the row at hand.
import type { Ref } from "../../sync/link.ts";
import { quoteLiteral, quoteName } from "../quoting.ts";
import { assignable, differs, isNotLiteral, isPlain, nullIsPresent, refusedLater, variableType } from "../types.ts";
import { attempt, branch, type Code } from "./code.ts";
import { anyOf, type Field, inNew, inOld, isAbsent } from "./field.ts";
import type { SyncInput } from "./input.ts";
import type { Pair, Supply } from "./link.ts";
import { isPending, isRequest, markerValue, refused, type Side, side } from "./marker.ts";

export const set = (target: string, value: string): string => `set ${target} = ${value};`;
const setAll = (fields: readonly { readonly name: string }[], values: readonly string[]): Code =>
  fields.map(({ name }, i) => set(inNew(name), values[i] ?? "null"));

/** Says who wrote last. */
export const mark = (pair: Pair, written: Side): Code => (pair.marker === null ? [] : [set(inNew(pair.marker), markerValue(written))]);

/** True for a row that this link has not filled, or not in this generation; never null. */
export const pending = (pair: Pair, ref: Ref): string =>
  pair.marker === null ? pair.old.map((old, i) => differs(old.type, ref(old.name), ref(pair.new[i]?.name ?? ""))).join(" or ") : isPending(pair.marker, ref);

const empty = (field: Field): string => (field.sentinel === null ? "null" : assignable(field.type, field.sentinel));

const emptyNew = (pair: Pair): Code => pair.new.map((field) => set(inNew(field.name), empty(field)));

/** Leaves the new side of a link empty and the row unfilled: what its old side holds cannot be translated. */
export const writeEmpty = (pair: Pair): Code => [...emptyNew(pair), ...(pair.marker === null ? [] : [set(inNew(pair.marker), "null")])];

/** Inside of a guarded block: raises by what the server would refuse only after the triggers. */
export const proof = (fields: readonly Field[], ref: Ref): Code =>
  fields.flatMap(({ name, type }) => {
    const test = refusedLater(type, ref(name));
    return test === null ? [] : branch([test, ["signal sqlstate '45000';"]]);
  });

/**
 * Where a column that is NOT NULL holds NULL the server refuses the row after the triggers, or stores another value, as the writer's sql_mode
 * and IGNORE have it; so what is computed is computed from that value. A trigger that declares a variable pays for it at every row, a
 * twentieth of a batch's time (MariaDB 10.11.19), so values that need no type of their own do without. @param lost what is done where the
 * value is not known.
 */
function overStored(read: readonly Field[], code: (ref: Ref) => Code, lost: Code): Code {
  const fields = read.filter(({ notNull }) => notNull);
  if (fields.length === 0) return code(inNew);
  const stored = new Map<string, string>();
  const declarations: string[] = [];
  for (const { name, type, collation, implicit } of fields) {
    const value = `coalesce(${inNew(name)}, ${implicit})`;
    const plain = isPlain(type);
    stored.set(name, plain ? value : `stored_${declarations.length + 1}`);
    if (!plain) declarations.push(`declare ${stored.get(name)} ${variableType(type, collation, false)} default ${value};`);
  }
  const computed = code((name) => stored.get(name) ?? inNew(name));
  const known = fields.every(({ implicit }) => implicit !== null);
  const instead = !known ? lost : declarations.length === 0 ? computed : ["begin", [...declarations, ...computed], "end;"];
  return branch([anyOf(fields.map(({ name }) => `${inNew(name)} is null`)), instead], [null, code(inNew)]);
}

/**
 * new := up(old). Where that raises, `lost` is what else has nothing to read now; and if a batch asked for it, the row is marked, so that
 * the batches of this generation end. The marker is written last: until then it tells who asks.
 */
export function writeUp(pair: Pair, lost: Code = []): Code {
  const marked = pair.marker === null ? [] : [set(inNew(pair.marker), `if(${isRequest(pair.marker, inNew)}, ${refused}, null)`)];
  const failed = [...emptyNew(pair), ...marked, ...lost];
  const write = (ref: Ref): Code => {
    const [values, done] = [setAll(pair.new, pair.up(ref)), mark(pair, side.old)];
    return pair.raises ? attempt([...values, ...proof(pair.new, inNew), ...done], failed) : [...values, ...done];
  };
  // The server makes both sides of a copy the same value.
  return pair.marker === null ? write(inNew) : overStored(pair.oldWatched, write, failed);
}

/** old := down(new). What it raises refuses the new writer's statement. */
export function writeDown(pair: Pair): Code {
  const write = (ref: Ref): Code => [...setAll(pair.old, pair.down(ref)), ...mark(pair, side.new)];
  return pair.marker === null ? write(inNew) : overStored(pair.newWatched, write, write(inNew));
}

/**
 * A statement wrote both sides: each keeps what it was given. Two different values under two names of one value cannot both be kept: the
 * truth of the stage rules.
 */
export const writeBoth = (pair: Pair, stage: SyncInput["stage"], up: Code, down: Code, keep: Code = []): Code =>
  pair.marker !== null ? [...mark(pair, side.both), ...keep] : stage === "expanded" ? up : down;

/** In the server's words for a column that was left out. */
const noDefault = (name: string): string =>
  `signal sqlstate 'HY000' set mysql_errno = 1364, message_text = ${quoteLiteral(`Field '${name}' doesn't have a default value`)};`;

/**
 * The server refuses the row, as it did or will do without us. MariaDB 10.11.19 takes NULL in a TIMESTAMP for the present, whatever
 * explicit_defaults_for_timestamp says; so that one is refused here.
 */
const refuse = ({ name, type }: Field): Code => [nullIsPresent(type) ? noDefault(name) : set(inNew(name), "null")];

/** NULL that the writer gave is left to the server: assigned by a trigger it is an error to MySQL in every session (9.7.4). */
const refuseMissing = (field: Field, stands: string): Code => {
  const missing = nullIsPresent(field.type) ? isAbsent({ ...field, sentinel: stands }, inNew) : `not ${isNotLiteral(field.type, inNew(field.name), stands)}`;
  return branch([missing, refuse(field)]);
};

/** What new code leaves out where it gave something: the table has no defaults for it while both sides live. */
export const writeDefaults = (pair: Pair): Code =>
  pair.new.flatMap((field) =>
    field.supplied !== null
      ? branch([isAbsent(field, inNew), [set(inNew(field.name), `(${field.supplied})`)]])
      : // NOT NULL is the new shape's own word from the start: the server refuses this row as it will when the run is over.
        field.sentinel !== null
        ? refuseMissing(field, field.sentinel)
        : [],
  );

/** An old column without a default of its own that nobody gave: the server refuses the row, as it would have done without us. */
export const refuseStandIns = (pair: Pair): Code =>
  pair.old.flatMap((field) => (field.standsIn && field.default.kind === "constant" ? refuseMissing(field, field.default.text) : []));

/**
 * DEFAULT in an UPDATE gives what stands for "not given". The column's own default takes its place; without one the server knows no such
 * statement, whatever the writer's sql_mode.
 */
const meanDefault = (field: Field, stands: string | null, own: string | null): Code => {
  if (stands === null) return [];
  const isGivenNow = isNotLiteral(field.type, inNew(field.name), stands);
  const wasGiven = isNotLiteral(field.type, inOld(field.name), stands);
  return branch([`not ${isGivenNow} and ${wasGiven}`, [own === null ? noDefault(field.name) : set(inNew(field.name), `(${own})`)]]);
};

export const meanNewDefaults = (pair: Pair): Code => pair.new.flatMap((field) => meanDefault(field, field.sentinel, field.supplied));
export const meanOldDefaults = (pair: Pair): Code =>
  pair.old.flatMap((field) => (field.standsIn && field.default.kind === "constant" ? meanDefault(field, field.default.text, null) : []));

/** On an unfilled row: new columns that the statement left alone get what a filled row would hold. */
export function completeNew(pair: Pair): Code {
  const values = pair.up(inOld);
  const code = pair.new.flatMap((field, i) =>
    branch([`not ${differs(field.type, inOld(field.name), inNew(field.name))}`, [set(inNew(field.name), values[i] ?? "null")]]),
  );
  return pair.raises ? attempt(code, []) : code;
}

/** Gives a value where there is none; an old writer never fails by it. */
export function writeSupply(supply: Supply, also = ""): Code {
  const code = [set(inNew(supply.field.name), supply.fill(inNew))];
  return branch([
    `${isAbsent(supply.field, inNew)}${also}`,
    supply.raises ? attempt([...code, ...proof([supply.field], inNew)], [set(inNew(supply.field.name), empty(supply.field))]) : code,
  ]);
}

/** Counts a row that the old side alone wrote; a sequence takes no row lock and is not undone. */
const countOldWrite = (sequence: SyncInput["oldWrites"]): Code => (sequence === null ? [] : [`do nextval(${quoteName([sequence.schema, sequence.name])});`]);

/** What a write of the old side alone leaves behind from the switch on: evidence that old code is still there. */
export const evidenceOf = (input: Pick<SyncInput, "stage" | "oldWrites">): Code => (input.stage === "switched" ? countOldWrite(input.oldWrites) : []);

/**
 * Names the sequence, and never bumps it. A statement that was prepared before a trigger was replaced can run the new one with the tables
 * of the one before, and fails at a sequence that only the new one names: error 1146, though it is there (MariaDB 10.11.19: in about half
 * of 449 replacements under one writer; in none of 548 where every version names it and an ALTER stands between the first version and the
 * first that uses it, as one does at the switch). For a place that common statements do not pass.
 */
export const nameOldWrites = (input: Pick<SyncInput, "oldWrites">): Code => (input.oldWrites === null ? [] : branch(["false", countOldWrite(input.oldWrites)]));

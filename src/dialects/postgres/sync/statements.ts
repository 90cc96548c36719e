// The statements that put a table under sync and take it out.
import type { ObjectName } from "../../../schema/model.ts";
import type { Template } from "../../../step/step.ts";
import { quoteLiteral, quoteName } from "../quoting.ts";
import { literalOf } from "./default.ts";
import { differ, type Field, inNew, inOld, inTable } from "./field.ts";
import { fillableFunctions } from "./fillable.ts";
import { at, createFunction } from "./function.ts";
import { batchSetting, fixedSettings, type SyncInput } from "./input.ts";
import { insertBody } from "./insert.ts";
import { isPair, isSupply, type Pair, type Settled, watched, written } from "./link.ts";
import { settle } from "./settle.ts";
import { functionName, mayChangeUnnamed, triggerName } from "./triggers.ts";
import { updateBody } from "./update.ts";
import { pending } from "./write.ts";

export interface SyncStatements {
  readonly create: readonly Template[];
  readonly drop: readonly Template[];
  /** May hold the holes of the serial. */
  readonly functions: readonly ObjectName[];
  /** The same on every table that has them. */
  readonly triggers: readonly string[];
}

/** All in one transaction with whatever makes the columns appear, so that no row is ever written without it. */
export function syncStatements(input: SyncInput): SyncStatements {
  const links = settle(input);
  if (links.length === 0) return { create: [], drop: [], functions: [], triggers: [] };
  const tables = [input.table, ...(input.children ?? [])];
  const insert = { event: "insert", body: insertBody(links, input), settings: settings(links, true), when: whenInsert, of: "" } as const;
  const update = {
    event: "update",
    body: updateBody(links, input),
    settings: settings(links, false),
    when: whenUpdate(links, input),
    of: updateOf(links, input),
  } as const;
  const events = updates(links) ? [insert, update] : [insert];
  const probes = fillableFunctions(input, links);
  const functions = [...events.map(({ event }) => functionName(input, event)), ...probes.map(({ name }) => name)];

  const create = [
    ...probes.map(({ create }) => create),
    ...events.map(({ event, body, settings }) =>
      createFunction({ name: functionName(input, event), returns: "trigger", variables: body.variables, code: [...body.code, "return NEW;"], settings }),
    ),
    ...tables.flatMap((table) =>
      events.flatMap(({ event, when, of }) => {
        const trigger = quoteName([triggerName(input, event)]);
        return [
          `create trigger ${trigger} before ${event}${of} on ${at(table)} for each row when (${when}) execute function ${at(functionName(input, event))}()`,
          // Rows that arrive under session_replication_role = replica are written by somebody too.
          `alter table ${at(table)} enable always trigger ${trigger}`,
        ];
      }),
    ),
  ];
  const drop = [
    ...tables.flatMap((table) => events.map(({ event }) => `drop trigger if exists ${quoteName([triggerName(input, event)])} on ${at(table)}`)),
    ...functions.map((name) => `drop function if exists ${at(name)}`),
  ];
  return { create, drop, functions, triggers: events.map(({ event }) => triggerName(input, event)) };
}

/** Links that only inserts concern need no second trigger. */
const updates = (links: readonly Settled[]): boolean => links.some((link) => isPair(link) || link.on === "write");

/**
 * A SET clause doubles the cost of a call, so only a function that needs one has it: all settings for an expression that is not
 * immutable, the search_path alone for a default that is not a literal.
 */
function settings(links: readonly Settled[], inserting: boolean): typeof fixedSettings {
  if (links.some((link) => link.unsettled)) return fixedSettings;
  const computes =
    inserting && links.some((link) => isPair(link) && link.new.some((field) => field.supplied !== null && literalOf(field.supplied, field.type) === null));
  return computes ? fixedSettings.slice(0, 1) : [];
}

/** Our batches write both sides themselves. What a user's trigger does in the middle of a batch is not a batch. */
const outsideBatch = `(coalesce(pg_catalog.current_setting(${quoteLiteral(batchSetting)}, true), '') operator(pg_catalog.<>) 'on' or pg_catalog.pg_trigger_depth() operator(pg_catalog.>) 0)`;
const whenInsert = outsideBatch;

const unique = (fields: readonly Field[]): readonly Field[] => [...new Map(fields.map((field) => [field.name, field])).values()];

/** What decides the key; a generated column cannot be read in the WHEN of a BEFORE trigger, and changes with what it reads. */
function keyFields(input: SyncInput): readonly Field[] {
  const columns = new Map(input.columns.map((column) => [column.name, column]));
  const names = new Set<string>();
  for (const name of input.key) {
    const generated = columns.get(name)?.generated;
    if (generated)
      input.rewrite(generated.expression, (read) => {
        names.add(read);
        return inTable(read);
      });
    else names.add(name);
  }
  return [...names].map((name) => ({ name, type: columns.get(name)?.type ?? "" }));
}

/** Only who knows the rule writes a marker: a batch, a logical replica, an upsert of all that the INSERT trigger made. It has written both sides. */
const sameMarkers = (pairs: readonly Pair[]): readonly string[] =>
  pairs.flatMap(({ marker }) => (marker === null ? [] : [`coalesce(${inOld(marker)}, 0) operator(pg_catalog.=) coalesce(${inNew(marker)}, 0)`]));

/**
 * A watched column differs, or a value is missing, or a row not yet filled is about to pass behind the cursor. The setting is read last:
 * only a row that is at stake asks for it.
 */
function whenUpdate(links: readonly Settled[], input: SyncInput): string {
  const pairs = links.filter(isPair);
  const changed = differ(unique(pairs.flatMap(watched)), inOld, inNew);
  const moved = `${differ(keyFields(input), inOld, inNew)} and (${pairs.map((pair) => pending(pair, inOld)).join(" or ")})`;
  const missing = links.filter((link) => isSupply(link) && link.on === "write").flatMap((link) => written(link).map(({ name }) => `${inNew(name)} is null`));
  const stake = `(${[...(pairs.length > 0 ? [changed, moved] : []), ...missing].join(" or ")})`;
  return [stake, ...sameMarkers(pairs), outsideBatch].join(" and ");
}

/** Types that are never stored out of line. */
const inline =
  /^(smallint|integer|bigint|oid|boolean|date|uuid|real|double precision|money|interval|name|"char"|(time|timestamp)(\(\d\))?( with(out)? time zone)?|numeric(\(.*\))?)$/;

/** Comparing a long value fetches both versions of it from TOAST; a statement that does not name the column cannot change it. */
function updateOf(links: readonly Settled[], input: SyncInput): string {
  const fields = unique([...links.flatMap(watched), ...keyFields(input)]);
  if (mayChangeUnnamed(input) || fields.every(({ type }) => inline.test(type))) return "";
  return ` of ${fields.map(({ name }) => quoteName([name])).join(", ")}`;
}

// The statements that put a table under sync and take it out.

import type { ObjectName } from "../../../schema/model.ts";
import type { Template } from "../../../step/step.ts";
import { isPair } from "../../sync/link.ts";
import { quoteName } from "../quoting.ts";
import { literalOf } from "./default.ts";
import { fillableFunctions } from "./fillable.ts";
import { at, createFunction } from "./function.ts";
import { fixedSettings, type SyncInput } from "./input.ts";
import { insertBody } from "./insert.ts";
import type { Settled } from "./link.ts";
import { settle } from "./settle.ts";
import { functionName, triggerName } from "./triggers.ts";
import { updateBody } from "./update.ts";
import { updateOf, whenInsert, whenUpdate } from "./when.ts";

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

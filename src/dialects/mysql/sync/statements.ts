// The statements that put a table under sync and take it out.

import type { ObjectName } from "../../../schema/model.ts";
import type { Template } from "../../../step/step.ts";
import { isPair } from "../../sync/link.ts";
import { capabilities } from "../capabilities.ts";
import { quoteName } from "../quoting.ts";
import { branch, type Code, indent } from "./code.ts";
import { checkSwap, isExpanded, swaps } from "./flags.ts";
import type { SyncInput } from "./input.ts";
import { insertBody } from "./insert.ts";
import type { Settled } from "./link.ts";
import { settle } from "./settle.ts";
import { type Event, type Turn, triggerName, triggerNames } from "./triggers.ts";
import { updateBody } from "./update.ts";

export interface SyncStatements {
  /** In their order, each committed by itself: UPDATE before INSERT, else rows that are inserted in between and then updated stay stale under a marker that says filled. */
  readonly create: readonly Template[];
  /** In their order: INSERT before UPDATE. The marker's generation is void from the first of them on. */
  readonly drop: readonly Template[];
  /**
   * For each of `create`, how its trigger takes the place of one with another body, without a moment that has neither, and safe to be sent
   * again. Where both stand for a while the older fires first; the newer one then finds a row whose sides agree, and leaves their values.
   */
  readonly turns: readonly (readonly Template[])[];
  readonly events: readonly Event[];
  /** True where the table needs its flag, added before the triggers and dropped after them. */
  readonly flagged: boolean;
}

/**
 * What a trigger keeps from the session that creates it; and what a batch must have too. No mode that refuses zero dates: an application
 * may hold some. Strict, so that a value that does not fit is an error and not another value.
 */
export const creationSettings: readonly string[] = [
  "set session sql_mode = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'",
  "set names utf8mb4 collate utf8mb4_general_ci",
];

export function syncStatements(input: SyncInput): SyncStatements {
  const links = settle(input);
  if (links.length === 0) return { create: [], drop: [], turns: [], events: [], flagged: false };
  const flagged = swaps(input);
  if (flagged) checkSwap(input);
  const { replacesTriggers } = capabilities(input.version);
  const events: readonly Event[] = updates(links) ? ["update", "insert"] : ["insert"];
  // A flag turns both stages in one body.
  const turn: Turn = input.fill === "backward" ? "backward" : flagged ? "expanded" : input.stage;
  const own = (event: Event): string => triggerName(input.table, event, replacesTriggers ? "expanded" : turn);
  const create = (event: Event): Template => {
    const body = flagged
      ? branch([isExpanded, bodyOf(event, { ...input, stage: "expanded" })], [null, bodyOf(event, { ...input, stage: "switched" })])
      : bodyOf(event, input);
    const head = replacesTriggers ? "create or replace definer = current_user trigger" : "create definer = current_user trigger if not exists";
    return `${head} ${name(own(event))} before ${event} on ${at(input.table)} for each row\n${indent(["begin", body, "end"])}`;
  };
  const name = (of: string): string => quoteName([input.table.schema, of]);
  const drop = (of: string): Template => `drop trigger if exists ${name(of)}`;
  return {
    create: events.map(create),
    drop: events.toReversed().map((event) => drop(own(event))),
    turns: events.map((event) => [
      create(event),
      ...triggerNames(input.table, event, replacesTriggers)
        .filter((other) => other !== own(event))
        .map(drop),
    ]),
    events,
    flagged,
  };
}

const bodyOf = (event: Event, input: SyncInput): Code => (event === "insert" ? insertBody(settle(input), input) : updateBody(settle(input), input));
const at = (table: ObjectName): string => quoteName([table.schema, table.name]);

/** Links that only inserts concern need no second trigger. */
const updates = (links: readonly Settled[]): boolean => links.some((link) => isPair(link) || link.on === "write");

/**
 * Statements that look like one to every other session. To be sent as one packet, after `set session wait_timeout = 1`, so that a sender
 * who dies or stops in it lets go of the table soon; and after any error `unlock tables`, since the lock outlives it. To a server that is
 * killed they are still several.
 */
export const together = (table: ObjectName, statements: readonly Template[]): readonly Template[] => [
  `lock tables ${at(table)} write`,
  ...statements,
  "unlock tables",
];

// Backfill: existing rows in batches, those that the cursor never met, plain copies of indexes, and the proof.
import { keyOf } from "../../../schema/names.ts";
import type { StepCore, Template } from "../../../step/step.ts";
import type { DraftStep } from "../../dialect.ts";
import { markers, needsFill } from "../../shape/columns.ts";
import { bodyWith, buildIndex, buildOne, dropOne } from "../index-steps.ts";
import { quoteLiteral } from "../quoting.ts";
import { placeQuery } from "../sync/triggers.ts";
import { at, column } from "../writing.ts";
import { walkStep } from "./batches.ts";
import { checkStep } from "./checking.ts";
import { comingChecks } from "./coming.ts";
import { rowsOf, type ShapeContext } from "./context.ts";
import { badRows, byMarker, type Direction, fillSet, pending, type Stage, unfilled } from "./links.ts";
import { otherTriggers, syncAt } from "./sync.ts";

/** What a batch assigns, and what it assigns where a value stopped it. */
function fillSets(context: ShapeContext, stage: Stage, direction: Direction): { readonly set: string; readonly careful?: string } {
  const [fast, careful] = [fillSet(context, stage, direction, "fast"), fillSet(context, stage, direction, "careful")];
  return { set: fast, ...(careful === fast ? {} : { careful }) };
}

/** All pending rows along the key; where no index tells what is left, until none is. */
export function fillPass(context: ShapeContext, stage: Stage, direction: Direction): readonly StepCore[] {
  const where = pending(context, stage, direction);
  if (where === null) return [];
  const name = keyOf(context.table.name);
  return [
    walkStep(
      context,
      direction === "forward" ? `fill the new shape of ${name}` : `refill the old shape of ${name} with what new code wrote`,
      "Short transactions along the key: a row is locked no longer than its batch.",
      { apply: { ...fillSets(context, stage, direction), where }, check: null, only: null, until: byMarker(context) === null ? where : null },
    ),
  ];
}

/** Names of the indexes over markers. */
const pendingNames = (context: ShapeContext): readonly (readonly [marker: string, name: string])[] =>
  byMarker(context) === null ? [] : markers(context.shape).map((marker, i) => [marker, i === 0 ? context.pendingIndex : `${context.pendingIndex}_${i}`]);

const called = "the index of rows that are not filled";

export const pendingIndexSteps = (context: ShapeContext): readonly StepCore[] =>
  pendingNames(context).map(([marker, name]) =>
    buildOne({
      called,
      version: context.version,
      table: context.table.name,
      name,
      index: { unique: false, body: `(${column(marker)})` },
      why: "It finds what is left, and lets the switch look for it in milliseconds.",
      rows: rowsOf(context),
      group: context.group,
    }),
  );

export const dropPendingIndex = (context: ShapeContext): readonly StepCore[] =>
  pendingNames(context).map(([, name]) =>
    dropOne({ version: context.version, table: context.table.name, name, called, why: "It has served.", group: context.group }),
  );

/** Rows that a key cursor cannot meet (moved keys, exchanged partitions, replication): found by an index over the marker. */
export function catchUp(context: ShapeContext, stage: Stage, direction: Direction): readonly StepCore[] {
  const where = pending(context, stage, direction);
  const among = byMarker(context);
  if (where === null || among === null) return [];
  return [
    ...pendingIndexSteps(context),
    walkStep(
      context,
      `catch rows of ${keyOf(context.table.name)} that the cursor never met`,
      "Rows whose key moved, exchanged partitions and rows of replication come without our trigger.",
      {
        apply: { ...fillSets(context, stage, direction), where },
        check: null,
        only: `(${among}) and (${where})`,
        until: `(${among}) and (${where})`,
      },
    ),
  ];
}

/** Every row judged by what its marker says, chunk by chunk, and the constraints of the coming shape. */
export function verifySteps(context: ShapeContext, stage: Stage): readonly StepCore[] {
  const bad = badRows(context, stage);
  const rows = bad
    ? [
        walkStep(
          context,
          `verify every row of ${keyOf(context.table.name)}`,
          "Each side must be what the other side's last write makes of it.",
          { apply: null, check: bad, only: null, until: null },
          100,
        ),
      ]
    : [];
  const checks = comingChecks(context, stage);
  const whole: readonly StepCore[] =
    checks.length === 0
      ? []
      : [
          {
            title: `verify that ${keyOf(context.table.name)} can bear the coming constraints`,
            act: { kind: "checks", checks },
            probe: null,
            locks: [],
            work: "scan",
            timeouts: { lock: 5_000, statement: 0 },
            why: "A duplicate or a NULL is found now, not when the constraint is attached.",
            estimate: { rows: rowsOf(context), ms: null, holdMs: null },
            group: context.group,
            mark: null,
          },
        ];
  const { events } = syncAt(context, stage, "forward");
  const place: readonly StepCore[] =
    events.length === 0
      ? []
      : [
          checkStep(context, `our triggers of ${keyOf(context.table.name)} are the last`, "One that fires after ours changes a row behind it. Reads only.", [
            { title: "a trigger fires after ours", statement: placeQuery(context.table.name, events, otherTriggers(context.table)) },
          ]),
        ];
  return [...place, ...rows, ...whole];
}

const alone = (cores: readonly StepCore[]): readonly DraftStep[] => cores.map((core) => ({ ...core, undo: [] }));

export function fillShape(context: ShapeContext): readonly DraftStep[] {
  const { shape, table, analysis, group, version } = context;
  if (!shape.links.some(needsFill) && comingChecks(context, "expanded").length === 0) return [];
  const copies = analysis.copies.map((copy) =>
    buildIndex({
      version,
      table: table.name,
      name: copy.temporary,
      index: { ...bodyWith(copy.original, copy.hidden), unique: false },
      why: `Copies ${copy.original.name} to the new column; plain until retire, since REPLACE and ON DUPLICATE KEY act on every unique key.`,
      rows: rowsOf(context),
      group,
    }),
  );
  const caught = catchUp(context, "expanded", "forward");
  const drops = dropPendingIndex(context);
  return [
    ...alone(fillPass(context, "expanded", "forward")),
    ...caught.map((core, i): DraftStep => ({ ...core, undo: drops.slice(i, i + 1) })),
    ...copies,
    ...alone(verifySteps(context, "expanded")),
  ];
}

/** What must not be found before the switch. */
export function guards(context: ShapeContext): readonly Template[] {
  const where = unfilled(context, "expanded", "forward");
  const among = byMarker(context);
  const { events } = syncAt(context, "expanded", "forward");
  return [
    ...(where === null
      ? []
      : [
          `select ${quoteLiteral(`rows of ${keyOf(context.table.name)} are not filled`)} as problem from ${at(context.table.name)} where ${among === null ? where : `(${among}) and (${where})`} limit 1`,
        ]),
    ...(events.length === 0 ? [] : [placeQuery(context.table.name, events, otherTriggers(context.table))]),
  ];
}

// Expand: the new columns, their markers and the sync that keeps both shapes equal. Nothing here is one transaction, so the order takes its
// place: columns, the UPDATE trigger, the INSERT trigger; and the way back in reverse.
import { homeNamespace, keyOf, nameFor } from "../../../schema/names.ts";
import type { StepCore } from "../../../step/step.ts";
import type { DraftStep } from "../../dialect.ts";
import { markers, needsSync, newColumns, originals } from "../../shape/columns.ts";
import { areGone, areThere, catalogStep, columnIs, columnStep, probe, quietStep } from "../core.ts";
import { quoteLiteral, quoteName } from "../quoting.ts";
import { addFlags, dropFlags, flags } from "../sync/flags.ts";
import { side, sideOf } from "../sync/marker.ts";
import { isNotLiteral } from "../types.ts";
import { alter, at, column, columns, defined } from "../writing.ts";
import { rowsOf, type ShapeContext } from "./context.ts";
import { openDefinition } from "./definitions.ts";
import { beginOfEvidence } from "./evidence.ts";
import { grantSteps } from "./grants.ts";
import { createSteps, dropStep, syncAt, syncInput } from "./sync.ts";

/** Rows that new code wrote, with their key; what old code wrote is still in the old columns. */
function archiveNewSide(context: ShapeContext): readonly StepCore[] {
  const { table, shape, key, group } = context;
  const make = (link: string, names: readonly string[], where: string): StepCore => {
    const kept = quoteName([homeNamespace, nameFor("archived_{{run}}", [table.name.schema, table.name.name, link], 64)]);
    return quietStep({
      title: `archive what new code wrote to ${names.join(", ")} of ${keyOf(table.name)}`,
      why: "The columns were born in this run; rows that only old code wrote are still whole without them.",
      statements: [
        `drop table if exists ${kept}`,
        `create table ${kept} engine = InnoDB as select ${columns([...key.map(({ name }) => name), ...names])} from ${at(table.name)} where ${where}`,
      ],
      probe: null,
      group,
    });
  };
  return shape.links.flatMap((link) => {
    if (link.kind === "transform")
      return [
        make(
          link.marker,
          link.new.map(({ hidden }) => hidden),
          `${sideOf(link.marker, column)} in (${side.new}, ${side.both})`,
        ),
      ];
    if (link.kind !== "supply" || !link.adds) return [];
    const { name, type } = link.adds;
    const sentinel = context.sentinels[name];
    const given = sentinel === undefined ? "" : ` and ${isNotLiteral(type, column(name), sentinel)}`;
    return [make(name, [name], `${column(name)} is not null${given}`)];
  });
}

/**
 * A value that stands for "not given" must be nobody's: a writer who gave it would be taken for one who gave nothing. What rows hold now is
 * the best that is known of what will be written.
 */
function meant(context: ShapeContext): readonly DraftStep[] {
  const { table, shape, key, group } = context;
  const name = keyOf(table.name);
  const copied = shape.links.flatMap((link) => (link.kind === "copy" && context.sentinels[link.new.hidden] !== undefined ? [link] : []));
  const tests = originals(shape, table).flatMap(({ column: old }) => {
    const link = copied.find((each) => each.old.name === old.name);
    const value = context.standIns[old.name] ?? (link ? context.sentinels[link.new.hidden] : undefined);
    return value === undefined ? [] : [{ column: old.name, value, test: `not ${isNotLiteral(old.type, column(old.name), value)}` }];
  });
  if (tests.length === 0) return [];
  const problem = `case ${tests.map((each) => `when ${each.test} then ${quoteLiteral(`${each.column} holds ${each.value}, by which the run would tell that no value was given`)}`).join(" ")} end`;
  const rowKey = key.length === 0 ? "''" : `concat_ws(', ', ${columns(key.map((each) => each.name))})`;
  return [
    {
      title: `look whether ${name} holds the values that are to say "not given"`,
      act: {
        kind: "checks",
        checks: [
          {
            title: `${name} holds a value that is to say "not given"`,
            statement: `select ${rowKey} as \`key\`, ${problem} as problem from ${at(table.name)} where ${tests.map(({ test }) => test).join(" or ")} limit 10`,
          },
        ],
      },
      probe: null,
      locks: [],
      work: "scan",
      timeouts: { lock: 5_000, statement: 0 },
      why: "NOT NULL without a rebuild rests on one value of the type that nobody means. Reads only.",
      estimate: { rows: rowsOf(context), ms: null, holdMs: null },
      group,
      mark: null,
      undo: [],
    },
  ];
}

export function openShape(context: ShapeContext): readonly DraftStep[] {
  const { table, shape, group, version, standIns, columnWay } = context;
  const name = keyOf(table.name);
  const fresh = newColumns(shape);
  const added = [...fresh.map(({ hidden }) => hidden), ...markers(shape)];
  const steps: DraftStep[] = [...meant(context)];
  steps.push(...beginOfEvidence(context));
  if (added.length > 0) {
    const definitions = [
      ...fresh.map((each) => `add column ${defined(each.hidden, openDefinition(context, each, false))}`),
      ...markers(shape).map((marker) => `add column ${column(marker)} smallint null invisible`),
    ];
    steps.push({
      ...columnStep({
        way: columnWay,
        title: `add ${added.join(", ")} to ${name}, hidden`,
        why: "Invisible columns are no part of SELECT * and of inserts that name no columns; only the catalog changes.",
        table: table.name,
        statements: [alter(version, table.name, columnWay, definitions)],
        probe: probe(areThere(table.name, added)),
        group,
      }),
      undo: [
        ...archiveNewSide(context),
        columnStep({
          way: columnWay,
          title: `drop ${added.join(", ")} of ${name}`,
          why: "They were born in this run.",
          table: table.name,
          statements: [
            alter(
              version,
              table.name,
              columnWay,
              added.map((each) => `drop column ${column(each)}`),
            ),
          ],
          probe: probe(areGone(table.name, added)),
          group,
        }),
      ],
    });
  }
  steps.push(...grantSteps(context, fresh));
  if (!shape.links.some(needsSync)) return steps;
  const sync = syncAt(context, "expanded", "forward");
  const input = syncInput(context, "expanded", "forward");
  if (sync.flagged)
    steps.push({
      ...catalogStep({
        title: `add the flag of ${name}, hidden`,
        why: "Two constant columns that change names together with the shapes: the triggers turn round in that very act.",
        table: table.name,
        statements: [addFlags(input)],
        probe: probe(areThere(table.name, [flags.expanded, flags.switched])),
        group,
      }),
      undo: [
        catalogStep({
          title: `drop the flag of ${name}`,
          why: "It was born in this run.",
          table: table.name,
          statements: [dropFlags(input)],
          probe: probe(areGone(table.name, [flags.expanded, flags.switched])),
          group,
        }),
      ],
    });
  const given = Object.entries(standIns);
  if (given.length > 0) {
    const names = given.map(([each]) => each);
    const set = given.map(([each, value]) => `alter column ${column(each)} set default ${value}`);
    const drop = names.map((each) => `alter column ${column(each)} drop default`);
    steps.push({
      ...catalogStep({
        title: `${names.join(", ")} of ${name} may be left out by new code`,
        why: "INSERT … SELECT and DEFAULT ask for a default before any trigger could give a value. The value is one that nobody means, and the trigger takes it as not given.",
        table: table.name,
        statements: [alter(version, table.name, "instant", set)],
        probe: probe(names.map((each) => columnIs(table.name, each, "column_default is not null")).join(" and ")),
        group,
      }),
      undo: [
        catalogStep({
          title: `${names.join(", ")} of ${name} ${names.length === 1 ? "has" : "have"} no default again`,
          why: "As it was.",
          table: table.name,
          statements: [alter(version, table.name, "instant", drop)],
          probe: probe(names.map((each) => columnIs(table.name, each, "column_default is null")).join(" and ")),
          group,
        }),
      ],
    });
  }
  const creates = createSteps(context, sync, "UPDATE before INSERT: a row inserted in between is still unfilled, and the backfill finds it.");
  for (const [i, core] of creates.entries()) {
    const event = sync.events[i] ?? "insert";
    steps.push({ ...core, undo: [dropStep(context, event, { why: "INSERT goes before UPDATE, so that no row is marked as filled and then left behind." })] });
  }
  return steps;
}

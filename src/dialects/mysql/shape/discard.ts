// Drop: the archive, then the indexes, then the columns. Walking back makes them again and fills them from the archive.
import type { Table } from "../../../schema/model.ts";
import { keyOf } from "../../../schema/names.ts";
import type { StepCore, Template } from "../../../step/step.ts";
import type { DraftStep } from "../../dialect.ts";
import { markers, needsSync, newColumns, oldColumns, originals, swaps } from "../../shape/columns.ts";
import { isMariadb } from "../capabilities.ts";
import { areGone, areThere, catalogStep, columnStep, probe } from "../core.ts";
import { bodyWith, dropIndex, renameOne, temporaryName } from "../index-steps.ts";
import { addFlags, dropFlags, flags } from "../sync/flags.ts";
import { alter, column, defined } from "../writing.ts";
import { archiveStep, proofSteps, restoreSteps } from "./archive.ts";
import { rowsOf, type ShapeContext } from "./context.ts";
import { exchangedWith, openDefinition, retiredDefinition } from "./definitions.ts";
import { endOfEvidence } from "./evidence.ts";
import { syncInput } from "./sync.ts";

/** Copies take the names of what they replace, once that is gone. */
function finalNames(context: ShapeContext): readonly DraftStep[] {
  const { version, table, group } = context;
  return context.analysis.copies
    .filter(({ exchanged }) => !exchanged)
    .map((copy): DraftStep => {
      const built = copy.original.unique ? temporaryName("unique", copy.original.name) : copy.temporary;
      const rename = (from: string, to: string): StepCore => renameOne({ version, table: table.name, from, to, group });
      return { ...rename(built, copy.original.name), undo: [rename(copy.original.name, built)] };
    });
}

/** MariaDB puts no column before a virtual one without blocking writers (error 1846): it comes back as the last. */
export const losesPlace = (table: Table, name: string): boolean => {
  const position = table.columns.find((each) => each.name === name)?.position ?? 0;
  return table.columns.some((each) => each.generated?.kind === "virtual" && each.position > position);
};

/**
 * Every column where it stood: behind the one that came before it, by the name that one has now.
 * @param anywhere as the last, all of them.
 */
function additions(context: ShapeContext, anywhere = false): readonly string[] {
  const { table, shape } = context;
  const olds = originals(shape, table);
  const { exchanged } = context.analysis;
  const nameNow = (name: string): string => {
    const known = olds.find(({ column: each }) => each.name === name);
    if (!known) return name;
    return exchangedWith(context, name)?.spec.name ?? known.old.retired;
  };
  const ordered = [...table.columns].sort((a, b) => a.position - b.position);
  const place = (name: string): string => {
    // What an exchange left to be dropped was added as the last.
    if (anywhere || exchanged.has(name) || losesPlace(table, name)) return "";
    const before = ordered[ordered.findIndex((each) => each.name === name) - 1];
    return before === undefined ? "first" : `after ${column(nameNow(before.name))}`;
  };
  const known = ordered.flatMap((each) => olds.find((one) => one.column.name === each.name) ?? []);
  const born = shape.links.flatMap((link) =>
    (link.kind === "supply" ? [] : link.kind === "transform" ? link.old : [link.old]).flatMap((old) => {
      if (olds.some((each) => each.old === old)) return [];
      const made = newColumns(shape).find((each) => each.spec.name === old.name);
      return made ? [`add column ${defined(old.retired, openDefinition(context, made, false))}`] : [];
    }),
  );
  return [
    ...known.map(({ old, column: each }) => `add column ${defined(old.retired, retiredDefinition(context, each))} ${place(each.name)}`.trim()),
    ...born,
    ...markers(shape).map((marker) => `add column ${column(marker)} smallint null invisible`),
  ];
}

/**
 * Whether a virtual column has come since, by this run or by hand, only the server knows when it is asked. It refuses before it waits for
 * anybody (errors 1845 and 1846), and max_statement_time ends the one ALTER as the other (MariaDB 10.11.19). MySQL 9.7.4 refuses no place.
 */
function comeAgain(context: ShapeContext): Template {
  const { table, version, columnWay } = context;
  const made = (anywhere: boolean): Template => alter(version, table.name, columnWay, additions(context, anywhere));
  const [placed, last] = [made(false), made(true)];
  if (placed === last || !isMariadb(version)) return placed;
  return `begin not atomic declare exit handler for 1845, 1846 ${last}; ${placed}; end`;
}

export function discardShape(context: ShapeContext): readonly DraftStep[] {
  const { table, shape, analysis, group, version, columnWay } = context;
  const name = keyOf(table.name);
  const olds = originals(shape, table);
  const gone = [...new Set([...oldColumns(shape).map((old) => old.retired), ...markers(shape)])];
  if (gone.length === 0) return [];
  const retired = new Map(olds.map(({ old }) => [old.name, old.retired]));
  const plain = analysis.leaving.filter(({ unique }) => !unique).map((index) => ({ name: index.name, index: bodyWith(index, retired) }));
  const standIns = analysis.copies
    .filter(({ exchanged }) => exchanged)
    .map(({ temporary, original }) => ({ name: temporary, index: { ...bodyWith(original, retired), unique: false } }));
  const indexes = [...plain, ...standIns].map((each) =>
    dropIndex({
      ...each,
      version,
      table: table.name,
      why: "It goes before its column: a column with an index is no instant drop, and of an index over several the server would keep a piece.",
      rows: rowsOf(context),
      group,
    }),
  );
  const input = syncInput(context, "switched", "forward");
  const flagged: readonly DraftStep[] =
    swaps(shape) && shape.links.some(needsSync)
      ? [
          {
            ...catalogStep({
              title: `drop the flag of ${name}`,
              why: "Nothing turns any more.",
              table: table.name,
              statements: [dropFlags(input)],
              probe: probe(areGone(table.name, [flags.expanded, flags.switched])),
              group,
            }),
            undo: [
              catalogStep({
                title: `add the flag of ${name} again, as it stood`,
                why: "The triggers that come back read it.",
                table: table.name,
                // Both constants exchanged: the names are those after the switch.
                statements: [turnedFlags(addFlags(input))],
                probe: probe(areThere(table.name, [flags.expanded, flags.switched])),
                group,
              }),
            ],
          },
        ]
      : [];
  const drop: DraftStep = {
    ...columnStep({
      way: columnWay,
      title: `drop ${gone.join(", ")} of ${name}`,
      why: "Archived; only the catalog changes.",
      table: table.name,
      statements: [
        alter(
          version,
          table.name,
          columnWay,
          gone.map((each) => `drop column ${column(each)}`),
        ),
      ],
      probe: probe(areGone(table.name, gone)),
      group,
    }),
    undo: [
      columnStep({
        way: columnWay,
        title: `make ${olds.map(({ column: each }) => each.name).join(", ")} of ${name} again`,
        why: "By the definitions that they had, and at their places where the server can without holding up writers.",
        table: table.name,
        statements: [comeAgain(context)],
        probe: probe(areThere(table.name, gone)),
        group,
      }),
      ...restoreSteps(context),
    ],
  };
  const counted = endOfEvidence(context);
  return [...proofSteps(context), archiveStep(context), ...indexes, ...flagged, drop, ...counted, ...finalNames(context)];
}

const turnedFlags = (statement: string): string =>
  statement.replace(column(flags.expanded), "\u0000").replace(column(flags.switched), column(flags.expanded)).replace("\u0000", column(flags.switched));

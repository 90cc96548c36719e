// The archive of what the drop takes away, and how its values find their rows again.
import { hiddenPrefix, homeNamespace, keyOf, nameFor } from "../../../schema/names.ts";
import type { OldColumn } from "../../../step/shape.ts";
import type { StepCore } from "../../../step/step.ts";
import type { DraftStep } from "../../dialect.ts";
import { lastingColumns, markers, newColumns, oldColumns, originals, stayingColumns } from "../../shape/columns.ts";
import { areGone, catalogStep, columnIs, columnStep, probe, quietStep, rowsStep } from "../core.ts";
import { quoteLiteral, quoteName } from "../quoting.ts";
import { image, isEnum, numberOf } from "../types.ts";
import { alter, at, column } from "../writing.ts";
import { lockedFirst, walk, walkStep } from "./batches.ts";
import { rowsOf, type ShapeContext } from "./context.ts";
import { finalDefinition } from "./definitions.ts";

/** Archives are named after run and table; a second drop of the same run makes its own anew. */
const archiveName = (context: ShapeContext): string =>
  quoteName([homeNamespace, nameFor("archive_{{run}}", [context.table.name.schema, context.table.name.name], 64)]);

interface Value {
  readonly name: string;
  readonly type: string;
  /** True where no other column proves whose it is. */
  readonly leaves: boolean;
}

/** What is archived, by the names of the time of the drop. */
function values({ shape, table }: ShapeContext): readonly Value[] {
  const olds = originals(shape, table);
  const typeOf = (old: OldColumn): string =>
    olds.find((each) => each.old === old)?.column.type ?? newColumns(shape).find(({ spec }) => spec.name === old.name)?.spec.type ?? "";
  const leaves = (name: string): boolean => shape.links.some((link) => link.kind === "leave" && link.old.retired === name);
  const all = [
    ...oldColumns(shape).map((old) => ({ name: old.retired, type: typeOf(old), leaves: leaves(old.retired) })),
    ...markers(shape).map((name) => ({ name, type: "smallint", leaves: false })),
  ];
  return [...new Map(all.map((value) => [value.name, value])).values()];
}

/** By its number where its text does not tell it. */
const archived = ({ name, type }: Value): string => {
  const number = numberOf(type, column(name));
  return number === null ? column(name) : `cast(${number} as unsigned) as ${column(name)}`;
};

/** Names in an archive begin like our hidden columns, so that none is a key's. */
const keyName = (i: number): string => `${hiddenPrefix}k${i + 1}`;
const imageName = `${hiddenPrefix}image`;

/** What stays of a row, in a few letters: each column by itself, since a server makes no text that is longer than a packet. MySQL 9 has no MD5. */
function imageOf({ shape, table }: ShapeContext, row: string): string {
  const stays = [...stayingColumns(shape, table), ...lastingColumns(shape).map(({ spec }) => spec)];
  const parts = [...new Map(stays.map(({ name, type }) => [name, `coalesce(sha2(concat(${image(type, `${row}${column(name)}`)}), 256), '')`])).values()];
  return `sha2(concat_ws(',', ${parts.join(", ")}), 256)`;
}

const archiveRow = (context: ShapeContext): string => `run = {{run}} and step = 'drop' and source = ${quoteLiteral(keyOf(context.table.name))}`;
const sameKey = ({ key }: ShapeContext, archived: string, restored: string): string =>
  key.map((each, i) => `${archived}.${column(keyName(i))} = ${restored}.${column(each.name)}`).join(" and ");

/**
 * Tells a row that was archived from one that was inserted again under its key: 1 in every row that is there when it is added, 0 in every
 * later one. It costs nothing, since the server keeps such a value for old rows in the catalog. Needed only for columns that nothing else
 * remembers; whatever is made into another column is proved by that one.
 */
export const proof = `${hiddenPrefix}kept_{{run}}`;
export const needsProof = (context: ShapeContext): boolean => context.shape.links.some((link) => link.kind === "leave");

/** Outlives the drop, until nobody can want the archive any more. */
export function proofSteps(context: ShapeContext): readonly DraftStep[] {
  if (!needsProof(context)) return [];
  const { table, version, group } = context;
  const name = keyOf(table.name);
  return [
    {
      ...columnStep({
        way: context.columnWay,
        title: `mark the rows of ${name} that are archived`,
        why: "A value of the catalog that stands for all rows there are: undo gives values back to these only.",
        table: table.name,
        statements: [alter(version, table.name, context.columnWay, [`add column ${column(proof)} tinyint not null default 1 invisible`])],
        probe: `${probe(columnIs(table.name, proof, "true"))}`,
        group,
      }),
      undo: [
        columnStep({
          way: context.columnWay,
          title: `unmark the rows of ${name}`,
          why: "The archived values are back.",
          table: table.name,
          statements: [alter(version, table.name, context.columnWay, [`drop column ${column(proof)}`])],
          probe: probe(areGone(table.name, [proof])),
          group,
        }),
      ],
    },
    {
      ...catalogStep({
        title: `mark no later rows of ${name}`,
        why: "A row that is inserted from here on is not the archived one, whatever its key.",
        table: table.name,
        statements: [alter(version, table.name, "instant", [`alter column ${column(proof)} set default 0`])],
        probe: probe(columnIs(table.name, proof, "column_default = '0'")),
        group,
      }),
      undo: [],
    },
  ];
}

/** One snapshot that locks nobody; no statement of an application names the archived columns any more. */
export function archiveStep(context: ShapeContext): DraftStep {
  const { key, table, group } = context;
  const name = archiveName(context);
  const list = [
    ...key.map((each, i) => `${column(each.name)} as ${column(keyName(i))}`),
    ...values(context).map(archived),
    ...(needsProof(context) ? [`${imageOf(context, "")} as ${column(imageName)}`] : []),
  ];
  const unique = key.length === 0 ? "" : `(primary key (${key.map((_, i) => column(keyName(i))).join(", ")})) `;
  const source = quoteLiteral(keyOf(table.name));
  return {
    ...quietStep({
      title: `archive ${originals(context.shape, table)
        .map(({ column: each }) => each.name)
        .join(", ")} of ${keyOf(table.name)}`,
      why: "undo restores from it. One snapshot, and no lock that anybody notices.",
      statements: [
        `drop table if exists ${name}`,
        `create table ${name} ${unique}engine = InnoDB as select ${list.join(", ")} from ${at(table.name)}`,
        `replace into hotstick.archives (run, step, source, archive, archived_rows) select {{run}}, 'drop', ${source}, ${quoteLiteral(name)}, count(*) from ${name}`,
      ],
      probe: probe(`exists (select 1 from hotstick.archives where ${archiveRow(context)})`),
      estimate: { rows: rowsOf(context), ms: rowsOf(context) === null ? null : Math.round((rowsOf(context) ?? 0) / 200) },
      group,
      mark: "archive",
    }),
    // The table itself stays: it is made anew when the drop is done once more.
    undo: [
      rowsStep({
        title: `the archive of ${keyOf(table.name)} has served`,
        why: "A second drop makes its own.",
        statements: [`delete from hotstick.archives where ${archiveRow(context)}`],
        group,
      }),
    ],
  };
}

/**
 * What a column held it may hold again, though today's mode would refuse it: an impossible date where it goes through an expression, the
 * number 0 of an ENUM. Nothing but archived values of the same types is assigned.
 */
function updateAsItWas(all: readonly Value[]): string {
  const mode = all.some(({ type }) => isEnum(type))
    ? "ALLOW_INVALID_DATES,NO_ENGINE_SUBSTITUTION"
    : all.some(({ type, leaves }) => leaves && /^(date|timestamp)/i.test(type))
      ? "ALLOW_INVALID_DATES,STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"
      : null;
  // Each server passes over the other's word.
  return mode === null ? "update" : `/*M! set statement sql_mode = '${mode}' for */ update /*+ set_var(sql_mode = '${mode}') */`;
}

/**
 * Keys may have changed hands since: a row that took the key of a deleted one would get its value. Where a table's keys do change, one that
 * was archived is found under a key that was not, sooner than one under another's; so that says how far keys prove anything.
 */
function keysStep(context: ShapeContext): StepCore {
  const name = keyOf(context.table.name);
  const changed = `select 1 from ${at(context.table.name)} as restored where restored.${column(proof)} = 1 and not exists (select 1 from ${archiveName(context)} as archived where ${sameKey(context, "archived", "restored")})`;
  return rowsStep({
    title: `look whether keys of ${name} have changed`,
    why: "Where they have, a value is given back only to a row that is what it was in all that stays of it.",
    statements: [`update hotstick.archives set keys_changed = exists (${changed}) where ${archiveRow(context)}`],
    group: context.group,
  });
}

/** Gives archived values back by the key, and where nothing else can prove it, to rows that were there only. */
export function restoreSteps(context: ShapeContext): readonly StepCore[] {
  const { key, group, table } = context;
  if (key.length === 0) return [];
  const restored = at(table.name);
  const on = sameKey(context, "archived", "restored");
  const kept = `restored.${column(proof)} = 1 and (archived.${column(imageName)} = ${imageOf(context, "restored.")} or (select keys_changed = 0 from hotstick.archives where ${archiveRow(context)}))`;
  const set = values(context).map(({ name, type, leaves }) => {
    const value = `archived.${column(name)}`;
    const now = `restored.${column(name)}`;
    const own = numberOf(type, now) ?? now;
    return `${now} = ${leaves ? `if(${kept}, ${value}, ${own})` : value}`;
  });
  const untouched = [
    ...table.columns
      .filter((each) => each.attributes["on update"] !== undefined && !originals(context.shape, table).some(({ column: gone }) => gone === each))
      .map(({ name }) => name),
    ...lastingColumns(context.shape)
      .filter((fresh) => finalDefinition(context, fresh).onUpdate !== null)
      .map(({ spec }) => spec.name),
  ];
  const onUpdate = untouched.map((name) => `restored.${column(name)} = restored.${column(name)}`);
  // The range is on the table's own key, by names that the archive does not have.
  const base = walk(context, { apply: null, check: null, only: null, until: null });
  return [
    ...(needsProof(context) ? [keysStep(context)] : []),
    {
      ...walkStep(
        context,
        `restore ${originals(context.shape, table)
          .map(({ column: each }) => each.name)
          .join(", ")} of ${keyOf(table.name)} from the archive`,
        "By the key. What is not the archived row's any more is computed from the new shape afterwards.",
        {
          ...base,
          apply: `${lockedFirst(context, `${restored} as restored`, "{{after}} and {{upto}}")}${updateAsItWas(values(context))} ${restored} as restored join ${archiveName(context)} as archived on ${on} set ${[...set, ...onUpdate].join(", ")} where {{after}} and {{upto}}`,
        },
      ),
      group,
    },
  ];
}

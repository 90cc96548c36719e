// A shape on a table that is new or empty. DDL commits by itself, so each statement is a step with a probe of its own.
import { derivedName, hiddenPrefix, keyOf } from "../../../schema/names.ts";
import type { Link } from "../../../step/shape.ts";
import type { StepCore, Template } from "../../../step/step.ts";
import type { DraftStep } from "../../dialect.ts";
import { lastingColumns, oldOf, originals } from "../../shape/columns.ts";
import { isMariadb } from "../capabilities.ts";
import type { Analysis } from "../carry/analyse.ts";
import { serves } from "../carry/constraints.ts";
import { incoming } from "../carry/exchange.ts";
import { foreignKeyIsThere } from "../constraint-probes.ts";
import { areGone, areThere, columnIs, indexIsThere, plainRows, plainStep, probe } from "../core.ts";
import { bodyWith } from "../index-steps.ts";
import { at, column, type Definition, defined, definitionFrom, definitionOf } from "../writing.ts";
import { bareSteps } from "./bare.ts";
import { carriedCheck, checkText } from "./column-checks.ts";
import type { ShapeContext } from "./context.ts";
import { finalDefinition } from "./definitions.ts";
import { grantSteps } from "./grants.ts";
import { plainChecks } from "./plain-checks.ts";

type LinkOf<K extends Link["kind"]> = Extract<Link, { kind: K }>;

const forms = (context: ShapeContext) => {
  const { table, group } = context;
  const name = keyOf(table.name);
  return {
    /** One ALTER without a clause: on an empty table every algorithm is quick. */
    ddl: (title: string, what: string, done: string): StepCore =>
      plainStep({ title: `${title} of ${name}`, table: table.name, statements: [`alter table ${at(table.name)} ${what}`], probe: probe(done), group }),
    rows: (title: string, statement: Template): StepCore => plainRows({ title: `${title} of ${name}`, statements: [statement], group }),
  };
};

const nullIs = (of: Definition): string => `is_nullable = '${of.notNull ? "NO" : "YES"}'`;

function rename(context: ShapeContext, link: LinkOf<"copy">): readonly DraftStep[] {
  const { ddl } = forms(context);
  const { name } = context.table;
  const [from, to] = [link.old.name, link.new.spec.name];
  const one = (a: string, b: string): StepCore =>
    ddl(`rename ${a} to ${b}`, `rename column ${column(a)} to ${column(b)}`, `${areThere(name, [b])} and ${areGone(name, [a])}`);
  return [{ ...one(from, to), undo: [one(to, from)] }];
}

/** Rows are filled too: one may have come since somebody looked. */
function supply(context: ShapeContext, link: LinkOf<"supply">): readonly DraftStep[] {
  const { ddl, rows } = forms(context);
  const { table } = context;
  const known = table.columns.find(({ name }) => name === link.column);
  const target = link.adds ? definitionFrom(link.adds) : known ? definitionOf(table, known) : null;
  if (target === null) throw new TypeError(`${link.column} is not in the table`);
  const check = known ? checkText(table, known.name, new Map()) : "";
  const wanted = { ...target, notNull: link.notNull || target.notNull };
  const modify = (to: Definition): StepCore =>
    ddl(`define ${link.column}`, `modify column ${defined(link.column, to)}${check}`, columnIs(table.name, link.column, nullIs(to)));
  const added: readonly DraftStep[] = link.adds
    ? [
        {
          ...ddl(`add ${link.column}`, `add column ${defined(link.column, { ...target, notNull: false, default: null })}`, areThere(table.name, [link.column])),
          undo: [ddl(`drop ${link.column}`, `drop column ${column(link.column)}`, areGone(table.name, [link.column]))],
        },
      ]
    : [];
  const filled: readonly DraftStep[] = link.fill
    ? [
        {
          ...rows(`fill ${link.column}`, `update ${at(table.name)} set ${column(link.column)} = (${link.fill.qualified}) where ${column(link.column)} is null`),
          undo: [],
        },
      ]
    : [];
  // A column of this run goes as a whole; and what a definition becomes besides NOT NULL no probe tells, so it is simply said again.
  const last = { ...modify(wanted), ...(link.adds ? { probe: null } : {}) };
  const before = link.adds || !known ? null : definitionOf(table, known);
  const bare = (of: Definition): readonly StepCore[] => bareSteps(context, [[link.column, of]]);
  return [
    ...added,
    ...filled,
    { ...last, undo: before === null ? [] : [modify(before), ...bare(before)] },
    ...bare(wanted).map((core): DraftStep => ({ ...core, undo: [] })),
  ];
}

/** MySQL has no such words in ALTER TABLE; there the step's probe alone says that it has happened. */
const ifExists = ({ version }: ShapeContext): string => (isMariadb(version) ? "if exists " : "");

/** Before their indexes, which they need. */
const dropForeignKeys = (context: ShapeContext, link: Link, names: readonly string[]): readonly StepCore[] =>
  context.analysis.endingKeys
    .filter((constraint) => constraint.columns.some((name) => names.includes(nameNow(context, name, link))))
    .map(({ name }) =>
      forms(context).ddl(
        `drop foreign key ${name}`,
        `drop foreign key ${ifExists(context)}${column(name)}`,
        `not ${foreignKeyIsThere(context.table.name, name)}`,
      ),
    );

/** Whether a column only changes its name, however often. */
function isRenamed({ shape }: ShapeContext, name: string): boolean {
  let now = name;
  for (const link of shape.links) {
    if (!oldOf(link).some((old) => old.name === now)) continue;
    if (link.kind !== "copy") return false;
    now = link.new.spec.name;
  }
  return true;
}

/** What a column that was there bears now, as the links before have renamed it. */
function nameNow(context: ShapeContext, name: string, until: Link): string {
  let now = name;
  for (const link of context.shape.links) {
    if (link === until) break;
    if (link.kind === "copy" && link.old.name === now) now = link.new.spec.name;
  }
  return now;
}

/** Before their column, or the server would keep a piece of an index over several. */
const dropIndexes = (context: ShapeContext, link: Link, names: readonly string[]): readonly StepCore[] =>
  context.analysis.leaving
    .filter((index) => index.mentions.some((name) => names.includes(nameNow(context, name, link))))
    .map((index) =>
      forms(context).ddl(
        `drop index ${index.name}`,
        `drop index ${ifExists(context)}${column(index.name)}`,
        `not ${indexIsThere(context.table.name, index.name)}`,
      ),
    );

const dropColumns = (context: ShapeContext, names: readonly string[]): StepCore =>
  forms(context).ddl(`drop ${names.join(", ")}`, names.map((name) => `drop column ${column(name)}`).join(", "), areGone(context.table.name, names));

/** Nothing is kept of columns that were dropped in the plain form. */
const oneWay = (steps: readonly StepCore[]): readonly DraftStep[] =>
  steps.map((step) => ({ ...step, undo: [], oneWay: `"${step.title}" was done in the plain form, which keeps nothing` }));

function transform(context: ShapeContext, link: LinkOf<"transform">): readonly DraftStep[] {
  const { ddl, rows } = forms(context);
  const { name } = context.table;
  const temporary = (of: string): string => derivedName([`${hiddenPrefix}new`, of], 64);
  const [fresh, old] = [link.new.map(({ spec }) => spec.name), link.old.map((each) => each.name)];
  const hidden = fresh.map(temporary);
  const add = link.new.map((each) => `add column ${defined(temporary(each.spec.name), { ...finalDefinition(context, each), notNull: false, default: null })}`);
  const fill = link.new.map((each, i) => `${column(temporary(each.spec.name))} = (${link.up[i]?.qualified})`);
  const show = link.new.map(
    (each) => `change column ${column(temporary(each.spec.name))} ${defined(each.spec.name, finalDefinition(context, each))}${carriedCheck(context, each)}`,
  );
  const shown = `${areThere(name, fresh)} and ${areGone(name, hidden)}`;
  return [
    // While the old columns are there the names may be theirs, so that these being there says nothing of the new ones.
    {
      ...ddl(`add ${fresh.join(", ")}`, add.join(", "), areThere(name, hidden)),
      undo: [ddl(`drop the new ${fresh.join(", ")}`, hidden.map((each) => `drop column ${column(each)}`).join(", "), areGone(name, hidden))],
    },
    { ...rows(`fill ${fresh.join(", ")}`, `update ${at(name)} set ${fill.join(", ")}`), undo: [] },
    ...oneWay([
      ...dropForeignKeys(context, link, old),
      ...dropIndexes(context, link, old),
      { ...dropColumns(context, old), probe: { query: probe(`(${areGone(name, old)} or (${shown}))`) } },
    ]),
    ...oneWay([ddl(`show ${fresh.join(", ")}`, show.join(", "), shown)]),
  ];
}

function linkSteps(context: ShapeContext, link: Link): readonly DraftStep[] {
  switch (link.kind) {
    case "copy":
      return rename(context, link);
    case "supply":
      return supply(context, link);
    case "leave":
      return oneWay([
        ...dropForeignKeys(context, link, [link.old.name]),
        ...dropIndexes(context, link, [link.old.name]),
        dropColumns(context, [link.old.name]),
      ]);
    case "transform":
      return transform(context, link);
  }
}

/** An index goes before its column and comes back over the new one after it; what a foreign key leans on meanwhile. */
function standIns(context: ShapeContext, copies: Analysis["copies"]): readonly { readonly add: DraftStep; readonly drop: StepCore }[] {
  const { table, schema, shape, analysis } = context;
  // An index follows a rename, and so does what stands in for it.
  const leaving = originals(shape, table).flatMap(({ old }) => (isRenamed(context, old.name) ? [] : [old.name]));
  const keys = [...table.constraints.filter((each) => each.kind === "foreign-key" && !analysis.endingKeys.includes(each)), ...incoming(schema, table)].map(
    ({ columns }) => columns,
  );
  return keys.flatMap((columns, i) => {
    if (columns.some((name) => leaving.includes(name)) || !copies.some(({ original }) => serves(original, columns))) return [];
    const name = `${hiddenPrefix}key_${i}`;
    const there = indexIsThere(table.name, name);
    const { ddl } = forms(context);
    const list = columns.map(column).join(", ");
    const drop = ddl(`drop the index that stands in for others over ${columns.join(", ")}`, `drop index ${column(name)}`, `not ${there}`);
    const add = ddl(`build an index that stands in for others over ${columns.join(", ")}`, `add index ${column(name)} (${list})`, there);
    return [{ add: { ...add, undo: [drop] }, drop }];
  });
}

export function plainShape(context: ShapeContext): readonly DraftStep[] {
  const { table } = context;
  // An index follows a column that is only renamed.
  const copies = context.analysis.copies.filter(({ hidden }) => ![...hidden.keys()].every((name) => isRenamed(context, name)));
  const keyed = standIns(context, copies);
  const checks = plainChecks(context);
  return [
    ...checks.map(({ drop }) => drop),
    ...keyed.map(({ add }) => add),
    ...context.shape.links.flatMap((link) => linkSteps(context, link)),
    ...grantSteps(context, lastingColumns(context.shape)),
    ...oneWay(
      copies.map((copy) => {
        const { unique, body } = bodyWith(copy.original, copy.shown);
        const name = copy.original.name;
        const add = `add ${unique ? "unique " : ""}index ${column(name)} ${body}`;
        return forms(context).ddl(`build index ${name}`, add, indexIsThere(table.name, name));
      }),
    ),
    ...oneWay(keyed.map(({ drop }) => drop)),
    ...checks.flatMap(({ add }) => add ?? []),
  ];
}

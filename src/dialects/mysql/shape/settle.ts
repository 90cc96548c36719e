// Retire: the new shape's constraints are attached, then the sync goes, then the old columns leave every statement's sight.
import { keyOf } from "../../../schema/names.ts";
import type { StepCore } from "../../../step/step.ts";
import type { DraftStep } from "../../dialect.ts";
import { lastingColumns, needsSync, originals } from "../../shape/columns.ts";
import { areThere, catalogStep, columnIs, longStep, probe } from "../core.ts";
import { bodyWith, buildIndex, dropIndex, temporaryName } from "../index-steps.ts";
import { alter, column, type Definition, defined, definitionOf } from "../writing.ts";
import { bareSteps, dropDefault, getsDefault, hasNoDefault } from "./bare.ts";
import { carriedCheck, checkText } from "./column-checks.ts";
import { comeBack } from "./come-back.ts";
import { rowsOf, type ShapeContext } from "./context.ts";
import { asideDefinition, finalDefinition, isExchanged, openDefinition, rebuilds, retiredDefinition } from "./definitions.ts";
import { endingSteps } from "./ending.ts";
import { exchangeSteps } from "./exchange.ts";
import { dropPendingIndex, pendingIndexSteps } from "./fill.ts";
import { dropStep, syncAt } from "./sync.ts";

interface Attached {
  readonly name: string;
  readonly from: Definition;
  readonly to: Definition;
  readonly rebuilds: boolean;
  /** The check that is a part of each definition; empty: none. */
  readonly checks: { readonly from: string; readonly to: string };
}

/** What becomes NOT NULL, or gets its own default. */
function attached(context: ShapeContext): readonly Attached[] {
  const fresh = lastingColumns(context.shape).flatMap((each): Attached[] => {
    if (isExchanged(context, each)) return [];
    const from = openDefinition(context, each, true);
    const to = finalDefinition(context, each);
    const check = carriedCheck(context, each);
    return from.notNull === to.notNull && from.default === to.default && check === ""
      ? []
      : [{ name: each.spec.name, from, to, rebuilds: rebuilds(context, each), checks: { from: "", to: check } }];
  });
  const supplied = context.shape.links.flatMap((link): Attached[] => {
    if (link.kind !== "supply" || !link.notNull || link.adds) return [];
    const known = context.table.columns.find(({ name }) => name === link.column);
    if (!known) return [];
    const from = definitionOf(context.table, known);
    const check = checkText(context.table, known.name, new Map());
    return [{ name: link.column, from, to: { ...from, notNull: true }, rebuilds: true, checks: { from: check, to: check } }];
  });
  return [...fresh, ...supplied];
}

function whyAttached({ from, to, rebuilds: anew, checks }: Attached): string {
  if (anew) return "Its type has no value that could stand for one not given, so the server makes the table anew for NOT NULL, while everybody works.";
  const own = to.default === null ? [] : ["It gets its own default"];
  const defaults = from.default === to.default ? [] : from.default === null ? own : [...own, "the default that stood for a value not given goes"];
  const all = [...defaults, ...(checks.from === checks.to ? [] : ["the check comes with it"])].join(", ");
  const since = from.notNull && to.notNull ? "; NOT NULL it has been since it was added" : "";
  return `${all.charAt(0).toUpperCase()}${all.slice(1)}${since}.`;
}

function attachSteps(context: ShapeContext): readonly DraftStep[] {
  const { table, group, version } = context;
  const is = (name: string, of: Definition): string =>
    columnIs(
      table.name,
      name,
      `is_nullable = '${of.notNull ? "NO" : "YES"}' and ${of.default === null ? hasNoDefault : "coalesce(column_default, 'NULL') <> 'NULL'"}`,
    );
  // Both definitions can look alike to a probe: NOT NULL with one default or another. Sent again, it changes nothing.
  const telling = (each: Attached): boolean => each.from.notNull !== each.to.notNull || (each.from.default === null) !== (each.to.default === null);
  return attached(context).map((each): DraftStep => {
    const step = (way: "to" | "from", title: string, why: string): StepCore => {
      const of = each[way];
      const fields = {
        title,
        why,
        table: table.name,
        statements: [
          alter(version, table.name, each.rebuilds ? "rebuild" : "instant", [`modify column ${defined(each.name, of)}${each.checks[way]}`]),
          // Sent again behind the first alone, that one changes nothing.
          ...(getsDefault(of) ? [alter(version, table.name, "instant", [dropDefault(each.name)])] : []),
        ],
        probe: telling(each) ? probe(is(each.name, of)) : null,
        group,
        estimate: {
          rows: each.rebuilds ? rowsOf(context) : null,
          ms: each.rebuilds && rowsOf(context) !== null ? Math.round((rowsOf(context) ?? 0) / 100) : null,
        },
      };
      return each.rebuilds ? longStep({ ...fields, work: "rewrite" }) : catalogStep(fields);
    };
    return {
      ...step("to", `${each.name} of ${keyOf(table.name)} becomes what it was asked to be`, whyAttached(each)),
      undo: [step("from", `${each.name} of ${keyOf(table.name)} may be left out again`, "Old code does not name it.")],
    };
  });
}

/** A unique index on a synced column acts on REPLACE, ON DUPLICATE KEY and IGNORE: the new one comes last, and takes the place of the old. */
function uniqueSteps(context: ShapeContext): readonly DraftStep[] {
  const { table, group, version, analysis } = context;
  const parked = new Map(originals(context.shape, table).map(({ old }) => [old.name, old.parked]));
  const built = analysis.copies
    .filter(({ original, exchanged }) => original.unique && !exchanged)
    .flatMap((copy): DraftStep[] => {
      const build = {
        version,
        table: table.name,
        name: temporaryName("unique", copy.original.name),
        index: bodyWith(copy.original, copy.shown),
        why: `${copy.original.name} for the new shape; old code, whose upserts could meet it, ends here.`,
        rows: rowsOf(context),
        group,
      };
      const plain = { ...build, name: copy.temporary, index: { ...build.index, unique: false }, why: "The unique index serves for it." };
      return [buildIndex(build), dropIndex(plain)];
    });
  const dropped = analysis.leaving
    .filter(({ unique }) => unique)
    .map((index) =>
      dropIndex({
        version,
        table: table.name,
        name: index.name,
        index: bodyWith(index, parked),
        why: "Rows that leave the old columns out would be equal in them.",
        rows: rowsOf(context),
        group,
      }),
    );
  return [...built, ...dropped];
}

export function settleShape(context: ShapeContext): readonly DraftStep[] {
  const { table, shape, group, version } = context;
  const name = keyOf(table.name);
  const olds = originals(shape, table);
  const synced = shape.links.some(needsSync);
  const drops = dropPendingIndex(context);
  const again = pendingIndexSteps(context);
  const indexes = drops.map((core, i): DraftStep => ({ ...core, undo: again.slice(i, i + 1) }));
  const sync = synced ? syncAt(context, "switched", "forward") : null;
  const steps: DraftStep[] = [...indexes, ...exchangeSteps(context), ...endingSteps(context), ...attachSteps(context), ...uniqueSteps(context)];
  if (sync !== null) {
    // UPDATE goes first: it would take a row that came without INSERT's marker for one that is not filled, and make its values anew.
    const [first, ...others] = (["update", "insert"] as const).filter((event) => sync.events.includes(event));
    if (first !== undefined)
      steps.push({
        ...dropStep(context, first, { why: "The old shape ends. From here on a marker says nothing any more: its generation is over.", mark: "settle" }),
        undo: comeBack(context),
      });
    // Created by the way back of the step before, which knows in which order.
    for (const event of others) steps.push({ ...dropStep(context, event, { why: "UPDATE went before." }), undo: [] });
  }
  const retired = retirements(context);
  if (retired.length > 0) {
    const names = olds.map(({ old }) => old.name);
    steps.push({
      ...catalogStep({
        title: `hide ${names.join(", ")} of ${name} under ${names.length === 1 ? "another name" : "other names"}`,
        why: "Whoever still names them is told so by the server. NOT NULL stays, with a default, since taking it off would make the table anew.",
        table: table.name,
        statements: [
          alter(
            version,
            table.name,
            "instant",
            retired.map(({ there }) => there),
          ),
        ],
        probe: probe(
          areThere(
            table.name,
            retired.map(({ retiredName }) => retiredName),
          ),
        ),
        group,
      }),
      undo: [
        catalogStep({
          title: `${names.join(", ")} of ${name} ${names.length === 1 ? "has its name" : "have their names"} again`,
          why: "Old code needs it; it is filled before.",
          table: table.name,
          statements: [
            alter(
              version,
              table.name,
              "instant",
              retired.map(({ back }) => back),
            ),
          ],
          probe: probe(
            areThere(
              table.name,
              retired.map(({ parkedName }) => parkedName),
            ),
          ),
          group,
        }),
        ...bareSteps(
          context,
          retired.flatMap(({ parkedName, defines }) => (defines ? [[parkedName, defines] as const] : [])),
        ),
      ],
    });
  }
  return steps;
}

interface Retirement {
  readonly there: string;
  readonly back: string;
  readonly retiredName: string;
  readonly parkedName: string;
  /** What the way back says of it; null: only its name. */
  readonly defines: Definition | null;
}

/** Old columns that were there before the run, and those that a link of the run made and a later one takes away. */
function retirements(context: ShapeContext): readonly Retirement[] {
  const known = originals(context.shape, context.table);
  return context.shape.links.flatMap((link) =>
    (link.kind === "supply" ? [] : link.kind === "transform" ? link.old : [link.old]).flatMap((old): Retirement[] => {
      const original = known.find((each) => each.old === old);
      const swapped = old.parked !== old.name;
      // A column that was parked under its retired name is hidden already, and needs only a default.
      if (original) {
        const before = asideDefinition(context, original.column);
        const after = retiredDefinition(context, original.column);
        if (old.parked === old.retired && before.default === after.default) return [];
        return [
          {
            there: `change column ${column(old.parked)} ${defined(old.retired, after)}`,
            back: `change column ${column(old.retired)} ${defined(old.parked, { ...before, invisible: swapped || before.invisible })}`,
            retiredName: old.retired,
            parkedName: old.parked,
            defines: before,
          },
        ];
      }
      if (old.parked === old.retired) return [];
      return [
        {
          there: `rename column ${column(old.parked)} to ${column(old.retired)}`,
          back: `rename column ${column(old.retired)} to ${column(old.parked)}`,
          retiredName: old.retired,
          parkedName: old.parked,
          defines: null,
        },
      ];
    }),
  );
}

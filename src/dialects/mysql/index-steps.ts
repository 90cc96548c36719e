// Building, dropping and renaming an index while everybody works.
import type { Index, ObjectName, Table } from "../../schema/model.ts";
import { derivedName, hiddenPrefix, keyOf } from "../../schema/names.ts";
import type { IndexSpec } from "../../step/change.ts";
import type { StepCore, Template } from "../../step/step.ts";
import type { DraftStep } from "../dialect.ts";
import { clause } from "./algorithm.ts";
import { isMariadb } from "./capabilities.ts";
import { catalogStep, indexIsThere, longStep, probe } from "./core.ts";
import { quoteLiteral } from "./quoting.ts";
import { alter, at, column } from "./writing.ts";

/** An index without its name. */
export interface IndexBody {
  readonly unique: boolean;
  /** Everything behind the name: keys, and what follows them. */
  readonly body: string;
}

export function bodyOf(spec: IndexSpec): IndexBody {
  const keys = spec.keys.map((key) => {
    const what = key.column !== undefined ? column(key.column) : `(${key.expression})`;
    return key.order === "desc" ? `${what} desc` : what;
  });
  return { unique: spec.unique ?? false, body: `(${keys.join(", ")})${spec.method === undefined ? "" : ` using ${spec.method}`}` };
}

const pieces = /`(?:[^`]|``)*`|'(?:[^'\\]|''|\\.)*'|[^`']+/g;

/** The body of an index as the server shows it, over other columns. Names stand in backticks; the first is the index's own. */
export function bodyWith(index: Index, names: ReadonlyMap<string, string>): IndexBody {
  const parts = index.definition.match(pieces) ?? [];
  const from = parts.findIndex((part) => part.startsWith("`"));
  const body = parts
    .slice(from + 1)
    .map((part) => {
      if (!part.startsWith("`")) return part;
      const name = part.slice(1, -1).replaceAll("``", "`");
      return column(names.get(name) ?? name);
    })
    .join("")
    .trim();
  return { unique: index.unique, body };
}

interface Build {
  readonly version: number;
  readonly table: ObjectName;
  readonly name: string;
  readonly index: IndexBody;
  readonly why: string;
  readonly rows?: number | null;
  readonly group?: string | null;
  /** What titles call it, where its name is whole only once the run is open. */
  readonly called?: string;
}

/** ER_TABLE_DEF_CHANGED. Repeatable reads are of the moment when they began, and the index knows nothing of it. */
const oldSnapshots = "A transaction that began before and first reads by it afterwards fails with error 1412, and can be repeated.";

export const buildOne = ({ version, table, name, index, why, rows = null, group = null, called }: Build): StepCore =>
  longStep({
    title: `build ${called ?? `${index.unique ? "unique " : ""}index ${name}`} on ${keyOf(table)}`,
    why: `${why} ${oldSnapshots}`,
    table,
    statements: [alter(version, table, "nocopy", [`add ${index.unique ? "unique " : ""}index ${column(name)} ${index.body}`])],
    probe: probe(indexIsThere(table, name)),
    work: "build",
    estimate: { rows, ms: rows === null ? null : Math.round(rows / 350) },
    group,
  });

export const dropOne = ({ version, table, name, why, group = null, called }: Omit<Build, "index" | "rows">): StepCore =>
  catalogStep({
    title: `drop ${called ?? `index ${name}`} of ${keyOf(table)}`,
    why,
    table,
    statements: [alter(version, table, "nocopy", [`drop index ${column(name)}`])],
    probe: probe(`not ${indexIsThere(table, name)}`),
    group,
  });

export const renameOne = ({
  version,
  table,
  from,
  to,
  group,
}: {
  readonly version: number;
  readonly table: ObjectName;
  readonly from: string;
  readonly to: string;
  readonly group: string;
}): StepCore =>
  catalogStep({
    title: `index ${from} of ${keyOf(table)} becomes ${to}`,
    why: "The copy takes the name of what it replaces.",
    table,
    // MySQL has no INSTANT for it, yet it only changes the catalog there too.
    statements: [alter(version, table, "nocopy", [`rename index ${column(from)} to ${column(to)}`])],
    probe: probe(`${indexIsThere(table, to)} and not ${indexIsThere(table, from)}`),
    group,
  });

/**
 * The indexes that the server made by itself for a foreign key, and that it silently gives up where a new index begins with the same columns.
 * Nothing shows which it made, so these are all that may go.
 */
function displaced(table: Table, spec: IndexSpec): readonly Index[] {
  const keys = spec.keys.map((key) => key.column);
  return table.indexes.filter(
    (index) =>
      !index.unique &&
      index.method === "btree" &&
      index.keys.every((name, i) => name !== null && name === keys[i]) &&
      table.constraints.some((each) => each.kind === "foreign-key" && each.columns.join("\0") === index.keys.join("\0")),
  );
}

/**
 * Drops an index, and gives back which of these indexes the server gave up for it. MySQL has no IF NOT EXISTS here, so there the statement is
 * put together by what is there when it is sent.
 */
function dropAndGiveBack(version: number, table: ObjectName, name: string, gone: readonly Index[]): readonly Template[] {
  const adding = (index: Index, words: string): string => `add index ${words}${column(index.name)} ${bodyWith(index, new Map()).body}`;
  const drop = `drop index ${column(name)}`;
  if (isMariadb(version)) return [alter(version, table, "nocopy", [...gone.map((index) => adding(index, "if not exists ")), drop])];
  const missing = gone.map((index) => `if(${indexIsThere(table, index.name)}, '', ${quoteLiteral(`${adding(index, "")}, `)})`);
  const pieces = [quoteLiteral(`alter table ${at(table)} `), ...missing, quoteLiteral(`${drop}, ${clause(version, "nocopy")}`)];
  return [
    `set @hotstick_alter = concat(${pieces.join(", ")})`,
    "prepare hotstick_alter from @hotstick_alter",
    "execute hotstick_alter",
    "deallocate prepare hotstick_alter",
  ];
}

/** @param table as it stands; undefined where it is new. */
export function addIndex(version: number, name: ObjectName, spec: IndexSpec, table: Table | undefined): DraftStep {
  const build = { version, table: name, name: spec.name, index: bodyOf(spec), why: "Reads and writes go on while it is built." };
  const undo = dropOne({ ...build, why: "Takes the build back." });
  const gone = table ? displaced(table, spec) : [];
  if (gone.length === 0) return { ...buildOne(build), undo: [undo] };
  const statements = dropAndGiveBack(version, name, spec.name, gone);
  const probe = undo.probe?.query ?? null;
  return {
    ...buildOne(build),
    undo: [
      longStep({
        title: undo.title,
        why: "Takes the build back, and gives a foreign key the index that the server had made for it.",
        table: name,
        statements,
        probe,
        work: "build",
      }),
    ],
  };
}
export const buildIndex = (build: Build): DraftStep => ({ ...buildOne(build), undo: [dropOne({ ...build, why: "Takes the build back." })] });
export const dropIndex = (build: Build): DraftStep => ({ ...dropOne(build), undo: [buildOne({ ...build, why: "Built again as it was." })] });

/** Names that begin with this are Hotstick's until the run ends. */
export const temporaryName = (kind: string, name: string): string => derivedName([`${hiddenPrefix}${kind}`, name], 64);

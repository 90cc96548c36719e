// Makers of steps: the few forms in which this dialect acts, with their locks, timeouts and probes.
import type { ObjectName } from "../../schema/model.ts";
import type { Estimate, Lock, StepCore, Template, Work } from "../../step/step.ts";
import type { Way } from "./algorithm.ts";
import { quoteLiteral } from "./quoting.ts";

/** Every ALTER ends, or is, an instant in which nobody else has the table open. */
export const exclusive = (table: ObjectName): Lock => ({ table, mode: "EXCLUSIVE MDL", strong: true });

const unknown: Estimate = { rows: null, ms: null, holdMs: null };

interface Common {
  readonly title: string;
  readonly why: string;
  readonly group?: string | null;
  readonly mark?: StepCore["mark"];
  readonly estimate?: Partial<Estimate>;
}

const common = (fields: Common): Pick<StepCore, "title" | "why" | "group" | "mark" | "estimate"> => ({
  title: fields.title,
  why: fields.why,
  group: fields.group ?? null,
  mark: fields.mark ?? null,
  estimate: { ...unknown, ...fields.estimate },
});

interface Ddl extends Common {
  readonly table: ObjectName;
  /** Each commits by itself; safe to be sent again. */
  readonly statements: readonly Template[];
  /** What says that it has happened; null for what may simply be done again. */
  readonly probe: Template | null;
}

/** DDL that touches the catalog only: waiting and work together stay within the lock budget. */
export const catalogStep = (fields: Ddl): StepCore => ({
  ...common(fields),
  act: { kind: "statements", transactional: false, guards: [], statements: fields.statements, repair: [] },
  probe: fields.probe === null ? null : { query: fields.probe },
  locks: [exclusive(fields.table)],
  work: "instant",
  timeouts: { lock: "budget", statement: "budget" },
});

/** DDL that takes its time; it needs the table for itself at its beginning and its end only, and a limit would throw its work away. */
export const longStep = (fields: Ddl & { readonly work: Work }): StepCore => ({
  ...catalogStep(fields),
  work: fields.work,
  timeouts: { lock: "budget", statement: 0 },
});

/** A change of columns, which is in the catalog only but where the way says that the table is made anew. */
export const columnStep = (fields: Ddl & { readonly way: Way }): StepCore =>
  fields.way === "rebuild" ? longStep({ ...fields, work: "rewrite" }) : catalogStep(fields);

/** What reads much, writes into Hotstick's own tables only, and so holds up nobody. */
export const quietStep = (fields: Omit<Ddl, "table">): StepCore => ({
  ...common(fields),
  act: { kind: "statements", transactional: false, guards: [], statements: fields.statements, repair: [] },
  probe: fields.probe === null ? null : { query: fields.probe },
  locks: [],
  work: "scan",
  timeouts: { lock: 30_000, statement: 0 },
});

/** One transaction that changes rows of Hotstick's own, or only looks. */
export const rowsStep = (fields: Common & { readonly guards?: readonly Template[]; readonly statements: readonly Template[] }): StepCore => ({
  ...common(fields),
  act: { kind: "statements", transactional: true, guards: fields.guards ?? [], statements: fields.statements, repair: [] },
  probe: null,
  locks: [],
  work: "scan",
  timeouts: { lock: 30_000, statement: 0 },
});

const plainWhy = "The tables are new or empty, so nobody is held up.";

/** DDL of the plain form: nobody is in the way, and nobody stands behind it. */
export const plainStep = (fields: Omit<Ddl, "why">): StepCore => ({
  ...catalogStep({ ...fields, why: plainWhy }),
  locks: [],
  timeouts: { lock: 5_000, statement: 0 },
});

/** Rows of the plain form. */
export const plainRows = (fields: Omit<Common, "why"> & { readonly statements: readonly Template[] }): StepCore => ({
  ...rowsStep({ ...fields, why: plainWhy }),
  work: "instant",
});

/** A probe from the condition that the step has happened. */
export const probe = (done: string): Template => `select case when ${done} then 'done' else 'absent' end as state`;

const of = (table: ObjectName): string => `table_schema = ${quoteLiteral(table.schema)} and table_name = ${quoteLiteral(table.name)}`;
const list = (names: readonly string[]): string => names.map(quoteLiteral).join(", ");

/** How many of these columns there are, with a further condition on them. */
const count = (table: ObjectName, names: readonly string[], also: string): string =>
  `(select count(*) from information_schema.columns where ${of(table)} and column_name in (${list(names)})${also})`;

export const areThere = (table: ObjectName, names: readonly string[]): string => `${count(table, names, "")} = ${names.length}`;
export const areGone = (table: ObjectName, names: readonly string[]): string => `${count(table, names, "")} = 0`;
export const areHidden = (table: ObjectName, names: readonly string[]): string => `${count(table, names, " and extra like '%INVISIBLE%'")} = ${names.length}`;
export const areShown = (table: ObjectName, names: readonly string[]): string =>
  `${count(table, names, " and extra not like '%INVISIBLE%'")} = ${names.length}`;
/** @param also a condition on a row of information_schema.columns. */
export const columnIs = (table: ObjectName, name: string, also: string): string => `${count(table, [name], ` and (${also})`)} = 1`;

export const indexIsThere = (table: ObjectName, name: string): string =>
  `exists (select 1 from information_schema.statistics where ${of(table)} and index_name = ${quoteLiteral(name)})`;

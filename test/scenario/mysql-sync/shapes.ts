// Links as a checked plan would have them, from a few words. Columns stand in backticks, so that no parser is needed to find them.
import type { Rewrite } from "../../../src/dialects/mysql/sync/input.ts";
import type { ColumnSpec, Expression, Link, NewColumn, OldColumn } from "../../../src/step/shape.ts";

export const rewrite: Rewrite = (text, column) => text.replaceAll(/`([^`]+)`/g, (_, name: string) => column(name));

type Facts = Partial<Pick<Expression, "volatility" | "total">>;

export const expression = (text: string, facts: Facts = {}): Expression => ({
  text,
  qualified: text,
  columns: [...text.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? ""),
  volatility: facts.volatility ?? "immutable",
  total: facts.total ?? true,
});

export const oldColumn = (name: string, parked = name): OldColumn => ({ name, parked, retired: `hotstick_retired_${name}` });
export const newColumn = (name: string, type: string, more: Partial<ColumnSpec> & { readonly hidden?: string } = {}): NewColumn => {
  const { hidden, ...spec } = more;
  return { hidden: hidden ?? name, spec: { name, type, ...spec } };
};

export const copy = (from: string, to: string, type: string, more: Partial<ColumnSpec> = {}): Link => ({
  kind: "copy",
  old: oldColumn(from),
  new: newColumn(to, type, more),
});

interface Transform {
  readonly old: readonly (string | OldColumn)[];
  readonly new: readonly NewColumn[];
  readonly up: readonly (string | readonly [string, Facts])[];
  readonly down: readonly (string | readonly [string, Facts])[];
  readonly marker?: string;
}
const made = (text: string | readonly [string, Facts]): Expression => (typeof text === "string" ? expression(text) : expression(text[0], text[1]));

export const transform = (of: Transform): Link => ({
  kind: "transform",
  old: of.old.map((column) => (typeof column === "string" ? oldColumn(column) : column)),
  new: of.new,
  up: of.up.map(made),
  down: of.down.map(made),
  marker: of.marker ?? "hotstick_side",
  drops: [],
});

/** `name` split into two; up and down are total, and down loses nothing that up makes. */
export const people = transform({
  old: ["name"],
  new: [newColumn("first", "varchar(200)"), newColumn("last", "varchar(200)")],
  up: ["substring_index(`name`, ' ', 1)", "if(locate(' ', `name`) > 0, substring(`name`, locate(' ', `name`) + 1), null)"],
  down: ["concat_ws(' ', `first`, `last`)"],
});

// The links of one table with their physical names, types and expressions settled, so that nothing after this asks for a stage's names.

/** A column as generated code sees it; an engine adds what its code asks of one. */
export interface Named {
  /** Its physical name at this stage. */
  readonly name: string;
}

/** How a physical column is written in some place: in a trigger's new row, in a statement. */
export type Ref = (name: string) => string;

/** What every new column has: its default is the trigger's to give while both sides live, since the table has none. */
export interface Supplied {
  readonly supplied: string | null;
}

/** Two sides of the same values. */
export interface PairOf<Field extends Named, Old extends Field, New extends Field> {
  readonly kind: "pair";
  readonly old: readonly Old[];
  readonly new: readonly New[];
  /** Null where both sides hold the same value, and so prove each other. */
  readonly marker: string | null;
  /** One expression for each new column, reading where `ref` says. */
  readonly up: (ref: Ref) => readonly string[];
  readonly down: (ref: Ref) => readonly string[];
  /** Columns whose change is a change of that side: its own, and what its expression reads besides. */
  readonly oldWatched: readonly Field[];
  readonly newWatched: readonly Field[];
  /** True where up, or storing its value, can raise: an old writer must not fail by it. */
  readonly raises: boolean;
}

/** One column that gets a value where a writer left NULL. */
export interface SupplyOf<Field extends Named> {
  readonly kind: "supply";
  readonly field: Field;
  readonly on: "insert" | "write";
  readonly fill: (ref: Ref) => string;
  readonly reads: readonly Field[];
  readonly raises: boolean;
  /** True where a row may not stay NULL. */
  readonly required: boolean;
}

/** A link of either kind, as far as shared code asks it. */
export type AnyLink<Field extends Named = Named> =
  | Pick<PairOf<Field, Field, Field>, "kind" | "old" | "new" | "marker" | "oldWatched" | "newWatched" | "raises">
  | Pick<SupplyOf<Field>, "kind" | "field" | "reads">;

export const isPair = <L extends AnyLink>(link: L): link is Extract<L, { readonly kind: "pair" }> => link.kind === "pair";
export const isSupply = <L extends AnyLink>(link: L): link is Extract<L, { readonly kind: "supply" }> => link.kind === "supply";

/** Columns that a link writes. */
export const written = <Field extends Named>(link: AnyLink<Field>): readonly Field[] => (isPair(link) ? [...link.old, ...link.new] : [link.field]);
/** Columns whose change concerns a link. */
export const watched = <Field extends Named>(link: AnyLink<Field>): readonly Field[] =>
  isPair(link) ? [...link.oldWatched, ...link.newWatched] : [link.field];
/** Columns that a link reads or writes. */
export const touched = <Field extends Named>(link: AnyLink<Field>): readonly Field[] => (isPair(link) ? watched(link) : [link.field, ...link.reads]);

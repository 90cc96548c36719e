// What the migration's expressions mean, said a second time in another language: the server's answers are held against these.

/** A name in two parts. */
export interface Split {
  readonly first: string;
  readonly last: string | null;
}

/** What a writer stored: the whole name, or its parts. */
export type Value = { readonly side: "old"; readonly name: string | null } | ({ readonly side: "new" } & Split);

/** Up to the first blank, and what follows it. */
export function up(name: string | null): Split {
  if (name === null) return { first: "", last: null };
  const blank = name.indexOf(" ");
  if (blank < 0) return { first: name, last: null };
  return { first: name.slice(0, blank), last: name.slice(blank + 1) || null };
}

export function down({ first, last }: Split): string | null {
  const name = last === null ? first : `${first} ${last}`;
  return name === "" ? null : name;
}

/** The name as old code must see the value: exactly what it wrote, or what follows from the parts. */
export const asName = (value: Value): string | null => (value.side === "old" ? value.name : down(value));

/** The parts as new code must see the value. */
export const asSplit = (value: Value): Split => (value.side === "new" ? { first: value.first, last: value.last } : up(value.name));

// SQL as a type: made only by the tag, so that a name or value can never slip in unquoted.

type Part =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "name"; readonly path: readonly string[] }
  | { readonly kind: "literal"; readonly value: string }
  | { readonly kind: "value"; readonly value: unknown };

/** A piece of SQL whose names are not yet quoted and whose values are not yet bound; it knows no engine. */
export interface Sql {
  readonly parts: readonly Part[];
}

/** How an engine writes names, string literals and parameters. */
export interface Quoting {
  name(path: readonly string[]): string;
  literal(value: string): string;
  /** `index` counts from 1. */
  placeholder(index: number): string;
}

const isSql = (value: unknown): value is Sql => typeof value === "object" && value !== null && Array.isArray((value as Sql).parts);

/**
 * Builds SQL. An interpolated `Sql` is spliced in; anything else becomes a bound value.
 * @throws TypeError when an interpolated value is `undefined`, which is always a mistake.
 */
export function sql(strings: TemplateStringsArray, ...values: readonly unknown[]): Sql {
  const parts: Part[] = [];
  strings.forEach((text, i) => {
    if (text !== "") parts.push({ kind: "text", text });
    if (i >= values.length) return;
    const value = values[i];
    if (value === undefined) throw new TypeError(`undefined was interpolated into SQL after "${text.trim()}"`);
    if (isSql(value)) parts.push(...value.parts);
    else parts.push({ kind: "value", value });
  });
  return { parts };
}

/** SQL text taken as it is. Grep for `raw(` to find every place where text is trusted. */
export const raw = (text: string): Sql => ({ parts: [{ kind: "text", text }] });

/** A name to be quoted by the engine; several arguments make a qualified name. A dot inside a name is a dot in a name. */
export const ident = (...path: readonly string[]): Sql => ({ parts: [{ kind: "name", path }] });

/** A string literal to be quoted by the engine, for statements that take no parameters (DDL). */
export const literal = (value: string): Sql => ({ parts: [{ kind: "literal", value }] });

/** Joins pieces with a separator taken as it is. */
export function join(pieces: readonly Sql[], separator = ", "): Sql {
  const parts: Part[] = [];
  pieces.forEach((piece, i) => {
    if (i > 0) parts.push({ kind: "text", text: separator });
    parts.push(...piece.parts);
  });
  return { parts };
}

/** Text with placeholders, and the values in their order. */
export function render(piece: Sql, quoting: Quoting): { readonly text: string; readonly values: readonly unknown[] } {
  const values: unknown[] = [];
  const text = piece.parts
    .map((part) => {
      switch (part.kind) {
        case "text":
          return part.text;
        case "name":
          return quoting.name(part.path);
        case "literal":
          return quoting.literal(part.value);
        case "value":
          values.push(part.value);
          return quoting.placeholder(values.length);
      }
    })
    .join("");
  return { text, values };
}

/**
 * Text without parameters, for plans, which are data.
 * @throws TypeError when the piece holds a bound value.
 */
export function renderInline(piece: Sql, quoting: Quoting): string {
  const { text, values } = render(piece, quoting);
  if (values.length > 0) throw new TypeError(`a statement of a plan cannot hold bound values: ${text}`);
  return text;
}

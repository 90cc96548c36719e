// A column as the generated code sees it, and how two versions of some columns are compared.
import type { Named, Ref } from "../../sync/link.ts";
import { quoteName } from "../quoting.ts";

export interface Field extends Named {
  readonly type: string;
}

export const inNew: Ref = (name) => `NEW.${quoteName([name])}`;
export const inOld: Ref = (name) => `OLD.${quoteName([name])}`;
export const inTable: Ref = (name) => quoteName([name]);

const ne = "operator(pg_catalog.<>)";

/**
 * Types whose equality is identity of the stored bytes: comparing them costs a third of building two rows.
 * A numeric is its value and its scale, which its type may fix; text under "C" is its bytes, and strings of different lengths are not even fetched from TOAST.
 */
function cheaply(type: string, a: string, b: string): string | null {
  const nulls = `(${a} is null) ${ne} (${b} is null)`;
  if (
    /^(smallint|integer|bigint|boolean|date|uuid|oid|bytea|numeric\(.*\)|(timestamp|time)(\(\d\))?( without time zone)?|timestamp(\(\d\))? with time zone)$/.test(
      type,
    )
  )
    return `coalesce(${a} ${ne} ${b}, ${nulls})`;
  // NaN and infinities have no scale, hence the inner coalesce.
  if (type === "numeric") return `coalesce(${a} ${ne} ${b} or coalesce(pg_catalog.scale(${a}) ${ne} pg_catalog.scale(${b}), false), ${nulls})`;
  if (/^(text|character varying(\(\d+\))?)$/.test(type)) return `coalesce(${a} collate pg_catalog."C" ${ne} ${b}, ${nulls})`;
  return null;
}

/**
 * True where a column differs in a single byte, never null. `is distinct from` is equality, not identity: it misses 1.0 → 1.00, citext
 * case, '1 month' → '30 days', and does not exist for json, point and xml. It also takes its operator from the search_path.
 */
export function differ(fields: readonly Field[], a: Ref, b: Ref): string {
  if (fields.length === 0) return "false";
  const cheap: string[] = [];
  const dear: Field[] = [];
  for (const field of fields) {
    const test = cheaply(field.type, a(field.name), b(field.name));
    if (test === null) dear.push(field);
    else cheap.push(test);
  }
  if (dear.length > 0)
    cheap.push(
      imagesDiffer(
        dear.map((field) => a(field.name)),
        dear.map((field) => b(field.name)),
      ),
    );
  return cheap.length === 1 ? (cheap[0] ?? "") : `(${cheap.join(" or ")})`;
}

/** `differ` for two values of one type, wherever they stand. */
export const valuesDiffer = (type: string, a: string, b: string): string => cheaply(type, a, b) ?? imagesDiffer([a], [b]);

export const imagesDiffer = (a: readonly string[], b: readonly string[]): string => `pg_catalog.record_image_ne(row(${a.join(", ")}), row(${b.join(", ")}))`;

/** `is not null` asks a composite value for its attributes; this asks whether the value itself is there. */
export const anyGiven = (fields: readonly Field[], ref: Ref): string =>
  `pg_catalog.num_nonnulls(${fields.map((field) => ref(field.name)).join(", ")}) operator(pg_catalog.>) 0`;
export const isNull = (field: Field, ref: Ref): string => `pg_catalog.num_nulls(${ref(field.name)}) operator(pg_catalog.>) 0`;

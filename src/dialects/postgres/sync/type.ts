// Types by their names: as the server prints them, out of the search_path's reach, and without their limits.

/** Names that people write, as the server prints them. */
const printed: Readonly<Record<string, string>> = {
  int: "integer",
  int2: "smallint",
  int4: "integer",
  int8: "bigint",
  bool: "boolean",
  float: "double precision",
  float4: "real",
  float8: "double precision",
  decimal: "numeric",
  dec: "numeric",
  varchar: "character varying",
  char: "character",
  varbit: "bit varying",
  timestamptz: "timestamp with time zone",
  timestamp: "timestamp without time zone",
  timetz: "time with time zone",
  time: "time without time zone",
};

/** A type as the server prints it: `varchar(3)[]` is `character varying(3)[]`. What it does not know stays as it is. */
export function printedType(type: string): string {
  const [, word = "", limits = "", rest = ""] = /^([a-z0-9]+)\s*(\(\s*\d+(?:\s*,\s*-?\d+)?\s*\))?((?:\[\d*\])*)$/i.exec(type.trim()) ?? [];
  const name = Object.hasOwn(printed, word.toLowerCase()) ? printed[word.toLowerCase()] : undefined;
  if (name === undefined) return type.trim();
  const [first = "", ...more] = name.split(" ");
  const limit = limits.replaceAll(/\s/g, "");
  // The limit of a timestamp stands in the middle; that of the others at the end.
  return (/^time/.test(name) ? [`${first}${limit}`, ...more].join(" ") : `${name}${limit}`) + rest.replaceAll(/\d/g, "");
}

/** Types that the grammar itself knows, so that no search_path can redirect them. */
const grammarTypes = /^(bigint|bit|boolean|character|double precision|integer|interval|numeric|real|smallint|time|timestamp)\b/;

/** With the system's own namespace spelt out where the search_path would otherwise decide. */
export const qualifiedType = (type: string): string =>
  /^("char"|[a-z_][a-z0-9_]*)(\(.*\))?(\[\])*$/.test(type) && !grammarTypes.test(type) ? `pg_catalog.${type}` : type;

/** Types that without their length would mean a length of one. */
const unlimited: readonly (readonly [RegExp, string])[] = [
  [/^character varying\b(\(\d+\))?/, "pg_catalog.varchar"],
  [/^character\b(\(\d+\))?/, "pg_catalog.bpchar"],
  [/^bit varying\b(\(\d+\))?/, "pg_catalog.varbit"],
  [/^bit\b(\(\d+\))?/, "pg_catalog.bit"],
];

/** A type without its length and precision: a cast to it leaves those to the assignment, which refuses what a cast would cut silently. */
export function bareType(type: string): string {
  const found = unlimited.find(([pattern]) => pattern.test(type));
  return found ? type.replace(found[0], found[1]) : qualifiedType(type.replace(/\(\d+(,-?\d+)?\)/, ""));
}

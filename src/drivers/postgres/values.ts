// How values arrive: as text, but for what JavaScript holds without loss.
import type pg from "pg";

type Parse = (text: string) => unknown;

const oid = { bool: 16, char: 18, int2: 21, int4: 23, oid: 26, json: 114, float4: 700, float8: 701, jsonb: 3802 } as const;
/** text[], varchar[], char[], name[], "char"[]. */
const textArrays: readonly number[] = [1009, 1015, 1014, 1003, 1002];
/** The library's own array reader; it knows quoting, NULL and nesting. */
const textArray = 1009;

/**
 * Type parsers of a session. The library's defaults turn timestamps into Dates, which lose microseconds, and dates into local midnights.
 */
export function valueTypes(library: typeof pg): pg.CustomTypesConfig {
  const readArray = library.types.getTypeParser(textArray as number as 20) as Parse;
  const parsers = new Map<number, Parse>([
    [oid.bool, (text) => text === "t"],
    [oid.int2, Number],
    [oid.int4, Number],
    [oid.oid, Number],
    [oid.float4, Number],
    [oid.float8, Number],
    [oid.json, (text) => JSON.parse(text)],
    [oid.jsonb, (text) => JSON.parse(text)],
    ...textArrays.map((id): [number, Parse] => [id, readArray]),
  ]);
  const asText: Parse = (text) => text;
  return { getTypeParser: ((id: number) => parsers.get(id) ?? asText) as pg.CustomTypesConfig["getTypeParser"] };
}

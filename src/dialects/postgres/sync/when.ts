// When the triggers fire at all: what every row of every statement pays for.
import { isPair, isSupply, watched, written } from "../../sync/link.ts";
import { quoteLiteral, quoteName } from "../quoting.ts";
import { differ, type Field, inNew, inOld, inTable } from "./field.ts";
import { batchSetting, type SyncInput } from "./input.ts";
import type { Pair, Settled } from "./link.ts";
import { mayChangeUnnamed } from "./triggers.ts";
import { pending } from "./write.ts";

/** Our batches write both sides themselves. What a user's trigger does in the middle of a batch is not a batch. */
const outsideBatch = `(coalesce(pg_catalog.current_setting(${quoteLiteral(batchSetting)}, true), '') operator(pg_catalog.<>) 'on' or pg_catalog.pg_trigger_depth() operator(pg_catalog.>) 0)`;
export const whenInsert = outsideBatch;

const unique = (fields: readonly Field[]): readonly Field[] => [...new Map(fields.map((field) => [field.name, field])).values()];

/** What decides the key; a generated column cannot be read in the WHEN of a BEFORE trigger, and changes with what it reads. */
function keyFields(input: SyncInput): readonly Field[] {
  const columns = new Map(input.columns.map((column) => [column.name, column]));
  const names = new Set<string>();
  for (const name of input.key) {
    const generated = columns.get(name)?.generated;
    if (generated)
      input.rewrite(generated.expression, (read) => {
        names.add(read);
        return inTable(read);
      });
    else names.add(name);
  }
  return [...names].map((name) => ({ name, type: columns.get(name)?.type ?? "" }));
}

/** Only who knows the rule writes a marker: a batch, a logical replica, an upsert of all that the INSERT trigger made. It has written both sides. */
const sameMarkers = (pairs: readonly Pair[]): readonly string[] =>
  pairs.flatMap(({ marker }) => (marker === null ? [] : [`coalesce(${inOld(marker)}, 0) operator(pg_catalog.=) coalesce(${inNew(marker)}, 0)`]));

/**
 * A watched column differs, or a value is missing, or a row not yet filled is about to pass behind the cursor. The setting is read last:
 * only a row that is at stake asks for it.
 */
export function whenUpdate(links: readonly Settled[], input: SyncInput): string {
  const pairs = links.filter(isPair);
  const changed = differ(unique(pairs.flatMap(watched)), inOld, inNew);
  const moved = `${differ(keyFields(input), inOld, inNew)} and (${pairs.map((pair) => pending(pair, inOld)).join(" or ")})`;
  const missing = links.filter((link) => isSupply(link) && link.on === "write").flatMap((link) => written(link).map(({ name }) => `${inNew(name)} is null`));
  const stake = `(${[...(pairs.length > 0 ? [changed, moved] : []), ...missing].join(" or ")})`;
  return [stake, ...sameMarkers(pairs), outsideBatch].join(" and ");
}

/** Types that are never stored out of line. */
const inline =
  /^(smallint|integer|bigint|oid|boolean|date|uuid|real|double precision|money|interval|name|"char"|(time|timestamp)(\(\d\))?( with(out)? time zone)?|numeric(\(.*\))?)$/;

/** Comparing a long value fetches both versions of it from TOAST; a statement that does not name the column cannot change it. */
export function updateOf(links: readonly Settled[], input: SyncInput): string {
  const fields = unique([...links.flatMap(watched), ...keyFields(input)]);
  if (mayChangeUnnamed(input) || fields.every(({ type }) => inline.test(type))) return "";
  return ` of ${fields.map(({ name }) => quoteName([name])).join(", ")}`;
}

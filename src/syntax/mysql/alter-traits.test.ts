import { expect, test } from "vitest";
import type { AlterKind } from "./alter-actions.ts";
import { formOn, type TableTraits } from "./alter-traits.ts";

const mariadb = 101119;
const mysql = 80403;

const on = (traits: TableTraits, version: number, ...kinds: readonly AlterKind[]): string => {
  const form = formOn(kinds, version, traits);
  return form === null ? "none" : `${form.algorithm}/${form.lock}${form.rebuilds ? " rebuilds" : ""}`;
};

test.each<[TableTraits, readonly AlterKind[], string, string]>([
  [{}, ["add column"], "INSTANT/NONE", "INSTANT/DEFAULT"],
  [{ fulltext: true }, ["add column"], "INPLACE/SHARED rebuilds", "COPY/SHARED rebuilds"],
  [{ fulltext: true }, ["force"], "INPLACE/SHARED rebuilds", "COPY/SHARED rebuilds"],
  [{ fulltext: true }, ["add index"], "NOCOPY/NONE", "INPLACE/NONE"],
  [{ compressed: true }, ["add column"], "INPLACE/NONE rebuilds", "INPLACE/NONE rebuilds"],
  [{ virtualColumn: true }, ["add column"], "INSTANT/NONE", "INSTANT/DEFAULT"],
  [{ virtualColumn: true }, ["add column at place"], "COPY/SHARED rebuilds", "INSTANT/DEFAULT"],
  [{ virtualColumn: true }, ["add column", "drop unindexed column"], "COPY/SHARED rebuilds", "INSTANT/DEFAULT"],
  [{ virtualColumn: true }, ["rename column", "rename column", "change column visibility"], "INSTANT/NONE", "INSTANT/DEFAULT"],
  [{ indexedVirtualColumn: true }, ["add column"], "INPLACE/SHARED rebuilds", "INSTANT/DEFAULT"],
  [{ storedColumn: true }, ["set not null"], "COPY/SHARED rebuilds", "INPLACE/NONE rebuilds"],
  [{ partitioned: true }, ["add virtual column"], "COPY/SHARED rebuilds", "INSTANT/DEFAULT"],
  [{ compressed: true }, ["add checked column"], "INPLACE/NONE rebuilds", "COPY/SHARED rebuilds"],
  [{}, ["add column", "add index"], "INPLACE/NONE rebuilds", "INPLACE/NONE rebuilds"],
  [{}, ["add virtual column", "comment column"], "COPY/SHARED rebuilds", "INSTANT/DEFAULT"],
  [{}, ["add virtual column", "rename column"], "COPY/SHARED rebuilds", "COPY/SHARED rebuilds"],
  [{}, ["add column", "drop index"], "NOCOPY/NONE", "INPLACE/NONE rebuilds"],
  [{}, ["drop unindexed column", "drop indexed column"], "NOCOPY/NONE", "INPLACE/NONE rebuilds"],
  [{}, ["rename column", "table comment"], "NOCOPY/NONE", "INPLACE/NONE"],
  [{}, ["add column", "add versioning"], "COPY/SHARED rebuilds", "none"],
])("on %j %j is %s on MariaDB, %s on MySQL", (traits, kinds, first, second) => {
  expect(on(traits, mariadb, ...kinds)).toBe(first);
  expect(on(traits, mysql, ...kinds)).toBe(second);
});

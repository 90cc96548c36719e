// What of a table makes an ALTER dearer than its action alone would be. Tried on MariaDB 10.11 and MySQL 9.7.
import { type AlterKind, type Form, formOf, together } from "./alter-actions.ts";
import { pairedForms } from "./alter-pairs.ts";
import { mariadb } from "./versioned.ts";

/** What a table has before the ALTER. */
export interface TableTraits {
  readonly fulltext?: boolean;
  /** ROW_FORMAT = COMPRESSED. */
  readonly compressed?: boolean;
  readonly virtualColumn?: boolean;
  readonly indexedVirtualColumn?: boolean;
  readonly storedColumn?: boolean;
  readonly partitioned?: boolean;
}

type Kinds = ReadonlySet<AlterKind>;

const adding: Kinds = new Set<AlterKind>(["add column", "add column at place", "add checked column"]);
const dropping: Kinds = new Set<AlterKind>([
  "drop column",
  "drop unindexed column",
  "drop indexed column",
  "drop column out of index",
  "drop column of unique index",
]);
const droppingVirtual: Kinds = new Set<AlterKind>(["drop virtual column", "drop indexed virtual column"]);
/** MariaDB drops columns of a table with virtual ones together with these alone. */
const besideDropping: Kinds = new Set<AlterKind>([...dropping, ...droppingVirtual, "drop index", "add virtual column"]);
const besideDroppingVirtual: Kinds = new Set<AlterKind>([...besideDropping, "add index"]);
const moving: Kinds = new Set<AlterKind>([...adding, ...dropping, "reorder column"]);

const copy: Form = { algorithm: "COPY", lock: "SHARED", rebuilds: true, work: "rewrite" };
const shared: Form = { algorithm: "INPLACE", lock: "SHARED", rebuilds: true, work: "rewrite" };
const rebuilt: Form = { algorithm: "INPLACE", lock: "NONE", rebuilds: true, work: "rewrite" };

/** A rebuild in place that would let others write, but has to index again what it cannot log. */
const sharedRebuild = (form: Form): Form => (form.algorithm === "INPLACE" && form.rebuilds ? { ...form, lock: "SHARED" } : form);

function dearer(kind: AlterKind, form: Form, traits: TableTraits, onMariadb: boolean): Form {
  if (form.algorithm === "COPY") return form;
  if (onMariadb && traits.partitioned && kind === "add virtual column") return copy;
  if (onMariadb && traits.storedColumn && kind === "set not null") return copy;
  if (onMariadb && traits.virtualColumn && (kind === "add column at place" || kind === "drop column out of index")) return copy;
  if (onMariadb && traits.virtualColumn && kind === "drop column of unique index") return { ...copy, worst: true };
  if (onMariadb && traits.indexedVirtualColumn) {
    if (dropping.has(kind) || kind === "add column at place" || kind === "set not null") return copy;
    return moving.has(kind) ? shared : sharedRebuild(form);
  }
  // MySQL's manual has this in place; the server answers that it builds one FULLTEXT index at a time.
  if (!onMariadb && traits.fulltext) return moving.has(kind) || form.rebuilds ? copy : form;
  if (traits.fulltext) return moving.has(kind) ? shared : sharedRebuild(form);
  return traits.compressed && moving.has(kind) ? rebuilt : form;
}

/**
 * What actions in one ALTER do to a table with these traits; null where the server does not have one of them.
 * @param version as `Schema.version`.
 */
export function formOn(kinds: readonly AlterKind[], version: number, traits: TableTraits): Form | null {
  const onMariadb = version >= mariadb;
  const forms = kinds.map((kind) => {
    const form = formOf(kind, version);
    return form && dearer(kind, form, traits, onMariadb);
  });
  const known = forms.flatMap((form) => form ?? []);
  if (known.length < kinds.length) return null;
  // What changes where the virtual columns stand MariaDB does almost alone only.
  const virtual = traits.virtualColumn || traits.indexedVirtualColumn;
  const beside = kinds.some((kind) => dropping.has(kind)) ? besideDropping : kinds.some((kind) => droppingVirtual.has(kind)) ? besideDroppingVirtual : null;
  const mixed = onMariadb && virtual && beside !== null && kinds.some((kind) => !beside.has(kind));
  return together([...known, ...pairedForms(kinds, known, onMariadb), ...(mixed ? [copy] : [])]);
}

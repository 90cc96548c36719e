// Holds every row of the table against what the applications know they wrote, while they go on writing.
import type { Inspector, UserRow } from "./engine.ts";
import { misread, seededValue } from "./judge.ts";
import type { Entry, Ledger } from "./ledger.ts";
import type { Side } from "./traffic.ts";

export interface Verdict {
  readonly rows: number;
  /** Rows written while they were read, about which nothing can be said this time. */
  readonly passedOver: number;
  /** Rows that show, in one of their shapes, something else than their last write means. */
  readonly wrongRows: number;
  /** Acknowledged writes that are not there. */
  readonly lostWrites: number;
  /** The first few, for people. */
  readonly messages: readonly string[];
}

export interface CheckOptions {
  readonly inspector: Inspector;
  readonly table: string;
  /** How many rows were seeded. */
  readonly seeded: number;
  /** What was known before the first row was read. */
  readonly before: Ledger;
  /** What is known when the last one was. */
  readonly after: () => Promise<Ledger>;
}

/** Small enough that nothing else in this process has to wait. */
const chunk = 4000;

async function read({ inspector, table }: CheckOptions): Promise<ReadonlyMap<number, UserRow>> {
  const columns = await inspector.columns(table);
  const sides: readonly Side[] = [...(columns.has("name") ? (["old"] as const) : []), ...(columns.has("first_name") ? (["new"] as const) : [])];
  const rows = new Map<number, UserRow>();
  for (let last = 0; ; ) {
    const next = await inspector.rows(table, last, chunk, sides);
    for (const row of next) rows.set(row.id, row);
    const end = next.at(-1);
    if (end === undefined) return rows;
    last = end.id;
  }
}

type Finding = { readonly kind: "lost" | "wrong"; readonly message: string } | { readonly kind: "right" | "unknown" };

const lost = (message: string): Finding => ({ kind: "lost", message });
const held = (message: string | null): Finding => (message === null ? { kind: "right" } : { kind: "wrong", message });

/** A row that is there. @param before known when reading began. @param after known when it had ended. */
function judgeRow(row: UserRow, before: Entry | undefined, after: Entry | undefined, seeded: boolean): Finding {
  if (before?.value === null) return lost(`row ${row.id} was deleted and is there`);
  if (before && row.revision < before.revision) return lost(`row ${row.id} is at revision ${row.revision}, and ${before.revision} was acknowledged`);
  if (after && after.value !== null && after.revision === row.revision) return held(misread(row, after.value));
  if (after === undefined && seeded && row.revision === 0) return held(misread(row, seededValue(row.id)));
  return { kind: "unknown" };
}

/** Rows that should be there and are not. */
function missing(rows: ReadonlyMap<number, UserRow>, { seeded, before }: CheckOptions, after: Ledger): readonly Finding[] {
  const gone = (id: number): boolean => !rows.has(id) && after.get(id)?.value !== null;
  const inserted = before.entries().filter(([id, { value }]) => id > seeded && value !== null && gone(id));
  const first = Array.from({ length: seeded }, (_, i) => i + 1).filter(gone);
  return [
    ...inserted.map(([id]) => lost(`row ${id} was inserted and is not there`)),
    ...first.map((id) => lost(`row ${id} was there from the beginning and is gone`)),
  ];
}

/** As many as a person reads. */
const fewMessages = 10;

/**
 * Exact where nobody writes meanwhile: then no row is passed over but those whose last write failed.
 * A write is lost when its row does not hold it, and a row is wrong when its shapes do not mean what was written.
 */
export async function checkRows(options: CheckOptions): Promise<Verdict> {
  const { before, seeded } = options;
  const rows = await read(options);
  const after = await options.after();
  const findings = [
    ...[...rows.values()].map((row) => judgeRow(row, before.get(row.id), after.get(row.id), row.id <= seeded)),
    ...missing(rows, options, after),
  ];
  const count = (kind: Finding["kind"]): number => findings.filter((finding) => finding.kind === kind).length;
  const messages = findings.flatMap((finding) => ("message" in finding ? [finding.message] : [])).slice(0, fewMessages);
  return { rows: rows.size, passedOver: count("unknown"), wrongRows: count("wrong"), lostWrites: count("lost"), messages };
}

// The table options of ALTER TABLE, which may follow each other without commas.
import type { AlterKind } from "./alter-actions.ts";
import { said, says, type Words } from "./words.ts";

const kinds: Readonly<Record<string, AlterKind>> = {
  auto_increment: "auto_increment value",
  comment: "table comment",
  engine: "engine",
  character: "default character set",
  charset: "default character set",
  collate: "default character set",
  row_format: "row format",
  key_block_size: "row format",
  page_compressed: "row format",
  page_compression_level: "row format",
  encrypted: "row format",
  stats_auto_recalc: "statistics",
  stats_persistent: "statistics",
  stats_sample_pages: "statistics",
  max_rows: "table option",
  min_rows: "table option",
  avg_row_length: "table option",
  checksum: "table option",
  compression: "table option",
  encryption: "table option",
  encryption_key_id: "row format",
  delay_key_write: "table option",
  pack_keys: "table option",
  tablespace: "table option",
  transactional: "table option",
  connection: "table option",
  insert_method: "table option",
  union: "table option",
};

/** The options of a piece between commas, each once; `unknown` where it begins with none. */
export function optionsOf(words: Words, from: number, to: number): readonly AlterKind[] {
  const found = new Set<AlterKind>();
  for (let i = from; i < to; i++) {
    // What follows the sign is a value: COMMENT = engine is none.
    const kind = said(words, i - 1) === "=" ? undefined : kinds[said(words, i)];
    if (kind !== undefined) found.add(kind);
    else if (i === from && !says(words, i, "default")) return ["unknown"];
  }
  return found.size === 0 ? ["unknown"] : [...found];
}

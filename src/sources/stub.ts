// A migration file to begin with: its name and text. Pure.
import { compareNames } from "./folder.ts";

const minute = 60_000;

/** `Split users' names` → `split_users_names`; letters of every script stay. Empty where nothing is left. */
export const slug = (title: string): string =>
  title
    .normalize("NFKD")
    .replace(/(?<=\p{Script=Latin})\p{M}+|['’]/gu, "")
    .normalize("NFC")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "_")
    .replace(/^_+|_+$/g, "")
    .slice(0, 60);

/** `20261122T1430`, in UTC, so that two people in two places agree on what comes later. */
const stamp = (time: Date): string => time.toISOString().replace(/^(\d+)-(\d+)-(\d+)T(\d+):(\d+).*$/, "$1$2$3T$4$5");

/**
 * The name of a new migration: the minute and the slug. Where one of that minute would sort after it, the next free minute.
 * @param slug not empty.
 */
export function migrationName(slug: string, time: Date, existing: readonly string[]): string {
  for (let at = time.getTime(); ; at += minute) {
    const prefix = stamp(new Date(at));
    const name = `${prefix}_${slug}`;
    if (!existing.some((other) => other.startsWith(prefix) && compareNames(other, name) >= 0)) return name;
  }
}

const typescript = `import { migration } from "hotstick";

export default migration({
  operations: [
    // { kind: "add-column", table: "users", column: { name: "nickname", type: "text" } },
  ],
});
`;

const sql = `-- Statements here belong to the phase expand. A line "-- hotstick: undo" begins what takes them back,
-- a line "-- hotstick: phase drop" those of another phase.
`;

export const migrationText = (format: "ts" | "sql"): string => (format === "ts" ? typescript : sql);

/** What lies beside the migrations to explain them. */
export const folderReadme = `# Migrations

One file each, applied in the order of their names and never edited once applied. \`hotstick new TITLE\` writes an empty one;
\`hotstick plan\` shows what it would do, with every lock and statement.

In TypeScript, as operations with both directions:

\`\`\`ts
import { migration } from "hotstick";

export default migration({
  operations: [
    { kind: "add-column", table: "users", column: { name: "nickname", type: "text" } },
    { kind: "rename-column", table: "users", from: "mail", to: "email" },
  ],
});
\`\`\`

Or in SQL, by phase:

\`\`\`sql
create table invoices (id bigint primary key, total numeric not null);
-- hotstick: undo
drop table invoices;
-- hotstick: phase drop
drop table old_invoices;
\`\`\`
`;

// Statements that name the old columns.
import type { Session } from "../../../drivers/driver.ts";
import { plural } from "../../../plural.ts";
import { join, sql } from "../../../sql/sql.ts";
import { mentionsIn } from "../../../syntax/mysql/mentions.ts";
import type { Evidence } from "../../contract.ts";
import type { OldColumns } from "../../old-shape.ts";
import { called, listed, most } from "../../old-traffic.ts";
import { type Blind, type Digests, digests, isBlind } from "./digests.ts";

export type Statements = Digests | Blind;

const sameNames: Blind = { message: "the new shape has the names of the old one, so no text tells them apart", fix: "" };

export function sampleStatements(session: Session, old: readonly OldColumns[]): Promise<Statements> {
  if (old.length === 0) return Promise.resolve(sameNames);
  const columns = old.flatMap((each) => each.columns.map((column) => sql`instr(lowered, ${column.toLowerCase()}) > 0`));
  return digests(session, sql`(${join(columns, " or ")})`);
}

export function compareStatements(before: Statements, after: Statements, old: readonly OldColumns[], seconds: string): Evidence {
  if (isBlind(after))
    return { source: "statements", seen: null, message: `${after.message}${after === sameNames ? "" : ", so statements that only read cannot be seen"}` };
  if (isBlind(before)) return { source: "statements", seen: null, message: before.message };
  const names = (text: string): boolean => old.some(({ table, columns }) => mentionsIn(text, { table, columns }).mentions.length > 0);
  const ran = called(before.ran, after.ran, names);
  const prepared = [...after.prepared].filter(([text]) => names(text));
  const seen = [
    ...(ran.length > 0 ? [`within ${seconds} s ran ${most(ran)}`] : []),
    ...(prepared.length > 0 ? [`open connections hold prepared ${most(prepared)}`] : []),
  ];
  if (seen.length > 0) return { source: "statements", seen: true, message: seen.join("; ") };
  const lost = after.lost - before.lost;
  if (lost > 0)
    return {
      source: "statements",
      seen: null,
      message: `${plural(lost, "statement")} ran within ${seconds} s whose text is not told: performance_schema's table of them is full (raise performance_schema_digests_size, or truncate performance_schema.events_statements_summary_by_digest)`,
    };
  return {
    source: "statements",
    seen: false,
    message: `no statement that names ${listed(old)} ran within ${seconds} s or is held prepared; rare ones and SELECT * are not seen so`,
  };
}

// Putting specimens to the server: all at once, and where it has something against one of them, in halves until that one stands alone.
import type { Row, Session } from "../../driver.ts";
import { classify } from "../errors.ts";

/** Temporary tables of one session, seen by nobody else; they end no transaction and need CREATE TEMPORARY TABLES alone. */
export interface Specimen {
  /** Statements that make them; the rows of the one that shows columns are what is asked for. */
  readonly statements: readonly string[];
  /** Their names, to be dropped whatever happened. */
  readonly tables: readonly string[];
}

/** The server's own number of an error; 0 where it is not the server's. */
export const numberOf = (error: unknown): number => Number((error as { readonly errno?: unknown } | null)?.errno ?? 0);

/** What the server has against a specimen; thrown again where it is not the specimen's fault. */
function fault(error: unknown): unknown {
  const kind = classify(error);
  if (kind === "lost" || kind === "retry" || numberOf(error) === 0) throw error;
  return error;
}

export type Trial = { readonly ok: true; readonly rows: readonly (readonly Row[])[] } | { readonly ok: false; readonly error: unknown };

const drops = (specimens: readonly Specimen[]): string[] => specimens.flatMap(({ tables }) => tables.map((table) => `drop temporary table if exists ${table}`));

/** For each specimen the rows of its statements, or the error of the first that failed. */
export async function tryAll(session: Session, specimens: readonly Specimen[]): Promise<readonly Trial[]> {
  if (specimens.length === 0) return [];
  try {
    const results = await session.script([...specimens.flatMap(({ statements }) => statements), ...drops(specimens)]);
    let at = 0;
    return specimens.map(({ statements }) => {
      const rows = results.slice(at, at + statements.length);
      at += statements.length;
      return { ok: true, rows };
    });
  } catch (error) {
    const mine = fault(error);
    await session.script(drops(specimens));
    if (specimens.length === 1) return [{ ok: false, error: mine }];
    const half = Math.ceil(specimens.length / 2);
    return [...(await tryAll(session, specimens.slice(0, half))), ...(await tryAll(session, specimens.slice(half)))];
  }
}

/** ER_PARSE_ERROR quotes our statement from where it stopped; what a person wrote ends at a line break of ours. */
const unparsed = 1064;

function unparsedAt(message: string): string {
  const near = (/ near '([\s\S]*)' at line \d+$/.exec(message)?.[1] ?? "").split("\n)")[0] ?? "";
  return near.trim() === "" ? "the server does not parse it" : `the server does not parse it near ${near.trim()}`;
}

/** ER_DBACCESS_DENIED_ERROR: temporary tables have a privilege of their own, for the whole database. */
const deniedDatabase = 1044;

/** The server's words, without the names of our own tables, and what else to do about it. */
export function said(error: unknown): { readonly message: string; readonly hint: string | null } {
  const { sqlMessage, message = String(error) } = error as { readonly sqlMessage?: string; readonly message?: string };
  const whole = sqlMessage ?? message;
  const text = (numberOf(error) === unparsed ? unparsedAt(whole) : whole)
    .replace(/ in assignment of `(?:[^`]|``)*`\.`hotstick_\w+`\.`\w+`/, "")
    .replaceAll(/`?hotstick_(?:row|specimen|target)_\d+`?/g, "the expression")
    .replaceAll(/\s+/g, " ")
    .trim();
  return {
    message: text,
    hint: numberOf(error) === deniedDatabase ? "Types and expressions are checked in temporary tables: GRANT CREATE TEMPORARY TABLES on this database." : null,
  };
}

/** `show full columns`: the first row's type, as it stands in a column's definition. */
export const shownType = (rows: readonly Row[] | undefined): string => String(rows?.[0]?.["Type"] ?? "").replace(/ \/\*M?!\d+ COMPRESSED(?:=\w+)?\*\//, "");
export const shownCollation = (rows: readonly Row[] | undefined): string | null => (rows?.[0]?.["Collation"] as string | null | undefined) ?? null;

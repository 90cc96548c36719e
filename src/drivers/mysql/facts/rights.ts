// What our account may do to a table, out of what the server says was granted to it and to its roles.
import type { RightsFact } from "../../../schema/facts.ts";
import type { ObjectName } from "../../../schema/model.ts";
import { keyOf } from "../../../schema/names.ts";
import type { Session } from "../../driver.ts";

interface Grant {
  readonly privileges: ReadonlySet<string>;
  /** A pattern of LIKE where it is for whole databases. */
  readonly database: string;
  readonly table: string;
}

/** `GRANT SELECT, INSERT (a) ON TABLE db.t TO …`, with names in backticks or a star. */
const line = /^GRANT ([\s\S]+?) ON (?:TABLE )?(\*|`(?:[^`]|``)+`)\.(\*|`(?:[^`]|``)+`) TO /;
const unquoted = (name: string): string => (name === "*" ? name : name.slice(1, -1).replaceAll("``", "`"));

/** Privileges on single columns are left out: they do not cover the columns that are still to come. */
export function parseGrant(text: string): Grant | null {
  const [, privileges = "", database, table] = line.exec(text) ?? [];
  if (database === undefined || table === undefined) return null;
  const words = privileges
    .replace(/\([^)]*\)/g, "()")
    .split(",")
    .map((word) => word.trim().toUpperCase());
  return { privileges: new Set(words.filter((word) => !word.endsWith("()"))), database: unquoted(database), table: unquoted(table) };
}

/** In grants on whole databases `_` and `%` stand for any characters, unless a backslash is before them. */
function likes(pattern: string, name: string): boolean {
  const source = pattern.replace(/\\([_%\\])|[_%]|[.*+?^${}()|[\]\\]/g, (found, escaped: string | undefined) => {
    if (escaped !== undefined) return escaped === "\\" ? "\\\\" : escaped;
    return found === "_" ? "." : found === "%" ? ".*" : `\\${found}`;
  });
  return new RegExp(`^${source}$`, "su").test(name);
}

/** Whether a grant is about this table; about all of a database where the name is empty. */
export const covers = (grant: Grant, table: ObjectName): boolean => {
  if (grant.table !== "*") return grant.database === table.schema && grant.table === table.name;
  return grant.database === "*" || likes(grant.database, table.schema);
};

/** What changing a table under traffic asks for; the manual's pages of ALTER TABLE and CREATE TRIGGER. */
const ofAnOwner = ["SELECT", "INSERT", "UPDATE", "ALTER", "CREATE", "DROP", "INDEX", "TRIGGER"];
const all: ReadonlySet<string> = new Set(["ALL PRIVILEGES", "ALL"]);

/** A privilege on everything of the server. */
export const onServer = (texts: readonly string[], privilege: string): boolean =>
  texts.map(parseGrant).some((grant) => grant?.database === "*" && grant.table === "*" && [privilege, ...all].some((each) => grant.privileges.has(each)));

export function rightsFrom(grants: readonly Grant[], table: ObjectName): RightsFact {
  const has = (privilege: string, which: readonly Grant[]): boolean =>
    which.some(({ privileges }) => privileges.has(privilege) || [...all].some((each) => privileges.has(each)));
  const onIt = grants.filter((grant) => covers(grant, table));
  const onDatabase = onIt.filter((grant) => grant.table === "*");
  // Nothing hides rows here.
  return { owner: ofAnOwner.every((privilege) => has(privilege, onIt)), seesAllRows: true, create: has("CREATE", onDatabase) };
}

export async function readRights(session: Session, tables: readonly ObjectName[]): Promise<ReadonlyMap<string, RightsFact>> {
  if (tables.length === 0) return new Map();
  const [rows = []] = await session.script(["show grants"]);
  const grants = rows.map((row) => parseGrant(String(Object.values(row)[0]))).filter((grant) => grant !== null);
  return new Map(tables.map((table) => [keyOf(table), rightsFrom(grants, table)]));
}

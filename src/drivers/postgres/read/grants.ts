// Privileges: from the server's own notation to grants.
import type { Grant } from "../../../schema/model.ts";

/** https://www.postgresql.org/docs/current/ddl-priv.html, table "ACL privilege abbreviations". */
const privilegeOf: Readonly<Record<string, string>> = {
  r: "SELECT",
  a: "INSERT",
  w: "UPDATE",
  d: "DELETE",
  D: "TRUNCATE",
  x: "REFERENCES",
  t: "TRIGGER",
  m: "MAINTAIN",
  X: "EXECUTE",
  U: "USAGE",
  C: "CREATE",
  c: "CONNECT",
  T: "TEMPORARY",
  s: "SET",
  A: "ALTER SYSTEM",
};

/** A role name up to `=`, `/` or the end; quoted where it has other characters than letters, digits and underscores. */
const role = `("(?:[^"]|"")*"|[^="/]*)`;
const item = new RegExp(`^${role}=([a-zA-Z*]*)/${role}$`);
const unquoted = (name: string): string => (name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name);

function parse(items: readonly string[]): Grant[] {
  const grants: Grant[] = [];
  for (const text of items) {
    const match = item.exec(text);
    if (match === null) throw new Error(`the server wrote privileges in an unknown form: ${text}`);
    const [, grantee = "", letters = "", grantor = ""] = match;
    for (const [, letter = "", option] of letters.matchAll(/([a-zA-Z])(\*?)/g)) {
      grants.push({ grantee: unquoted(grantee), grantor: unquoted(grantor), privilege: privilegeOf[letter] ?? letter, grantable: option === "*" });
    }
  }
  return grants;
}

const inOrder = (grant: Grant): string => JSON.stringify([grant.grantee, grant.privilege, grant.grantor, grant.grantable]);
const sorted = (grants: readonly Grant[]): Grant[] => [...grants].sort((a, b) => (inOrder(a) < inOrder(b) ? -1 : 1));

/** What every family selects with `privileges`. */
export interface PrivilegeColumns {
  readonly acl: readonly string[] | null;
  readonly acl_default: readonly string[] | null;
  readonly owner: string;
}

const none: readonly Grant[] = [];
/** Thousands of tables share a handful of lists; equal ones are one object. */
const cacheLimit = 10_000;
const cache = new Map<string, readonly Grant[]>();

/**
 * The grants of an object: empty where they are what a new object has, and otherwise complete, the owner's own included. So a null in the
 * catalog equals the same thing written out, and a server's new privilege (MAINTAIN in 17) changes nothing. All privileges revoked, the
 * owner's too, is one grant of `NONE`.
 */
export function grantsOf(row: PrivilegeColumns): readonly Grant[] {
  if (row.acl === null) return none;
  const key = JSON.stringify([row.acl, row.acl_default]);
  const known = cache.get(key);
  if (known !== undefined) return known;
  const grants = sorted(parse(row.acl));
  const isDefault = JSON.stringify(grants) === JSON.stringify(sorted(parse(row.acl_default ?? [])));
  const result = isDefault ? none : grants.length > 0 ? grants : [{ grantee: row.owner, grantor: row.owner, privilege: "NONE", grantable: false }];
  if (cache.size >= cacheLimit) cache.clear();
  cache.set(key, result);
  return result;
}

// What other databases of the server have that names a table of ours, and what our account may not see of all that may name it.
import { quoteLiteral, quoteName } from "../../../dialects/mysql/quoting.ts";
import type { OutsideFact, OutsideText } from "../../../schema/facts.ts";
import type { ObjectName } from "../../../schema/model.ts";
import { keyOf } from "../../../schema/names.ts";
import type { Row, Session } from "../../driver.ts";
import { isMariadb } from "../read/product.ts";
import { account } from "../read/text.ts";
import { settingsOf } from "../read/triggers.ts";
import { covers, parseGrant } from "./rights.ts";

/** What the servers bring along, and what is ours. */
const home = "('hotstick', 'mysql', 'sys', 'information_schema', 'performance_schema')";

const like = (text: string): string => quoteLiteral(`%${text.replace(/[\\%_]/g, (character) => `\\${character}`).toLowerCase()}%`);

const settings = "sql_mode, character_set_client, collation_connection, database_collation";
const setting = settings
  .split(", ")
  .map((name) => `${name} as ${name}`)
  .join(", ");

interface Source {
  readonly kind: OutsideText["kind"];
  /** Columns of the view of the catalog. */
  readonly from: string;
  readonly schema: string;
  readonly name: string;
  readonly text: string;
  readonly more: string;
}

const sources: readonly Source[] = [
  { kind: "view", from: "views", schema: "table_schema", name: "table_name", text: "view_definition", more: "" },
  { kind: "trigger", from: "triggers", schema: "trigger_schema", name: "trigger_name", text: "action_statement", more: `, ${setting}` },
  { kind: "routine", from: "routines", schema: "routine_schema", name: "routine_name", text: "routine_definition", more: `, ${setting}` },
  { kind: "event", from: "events", schema: "event_schema", name: "event_name", text: "event_definition", more: `, ${setting}` },
];

/** One flat query each; where the account sees nothing they find nothing. What means the table is told by the text's tokens. */
const query = ({ from, schema, name, text, more }: Source, database: string): string =>
  `select ${schema} as namespace, ${name} as name, ${text} as text${more} from information_schema.${from}
  where ${schema} <> database() and ${schema} not in ${home} and lower(${text}) like ${like(database)}`;

const textOf = (kind: OutsideText["kind"], row: Row): OutsideText => ({
  kind,
  name: { schema: String(row["namespace"]), name: String(row["name"]) },
  text: String(row["text"]),
  attributes: kind === "view" ? {} : settingsOf(row as unknown as Parameters<typeof settingsOf>[0]),
});

/** A thing that is shown to whoever has a right. */
interface Sight {
  readonly what: string;
  /** Any of them will do; the first is what is asked for. */
  readonly rights: readonly { readonly privilege: string; readonly schema: string }[];
}

/** `*`: on the whole server. @see https://mariadb.com/kb/en/grant/ https://dev.mysql.com/doc/refman/8.4/en/privileges-provided.html */
function sights(version: number, database: string): readonly Sight[] {
  const everywhere = (...privileges: readonly string[]): Sight["rights"] => privileges.map((privilege) => ({ privilege, schema: "*" }));
  const ofRoutines = isMariadb(version)
    ? [{ privilege: "SELECT", schema: "mysql" }, ...everywhere(...(version >= 110_300 ? ["SHOW CREATE ROUTINE"] : []))]
    : everywhere("SHOW_ROUTINE", "SELECT");
  return [
    { what: "views of other databases", rights: everywhere("SHOW VIEW") },
    { what: "triggers of other databases", rights: everywhere("TRIGGER") },
    { what: "events of other databases", rights: everywhere("EVENT") },
    { what: "events of this database", rights: [{ privilege: "EVENT", schema: database }] },
    { what: "routines of other accounts", rights: ofRoutines },
    { what: "privileges of other accounts on single columns", rights: [{ privilege: "SELECT", schema: "mysql" }] },
  ];
}

/** @param grants as SHOW GRANTS prints them. */
export function hidden(grants: readonly string[], me: string, version: number, database: string): Pick<OutsideFact, "unseen" | "grants"> {
  const held = grants.map(parseGrant).filter((grant) => grant !== null);
  const may = ({ privilege, schema }: Sight["rights"][number]): boolean =>
    held.some((grant) => {
      const about = schema === "*" ? grant.database === "*" && grant.table === "*" : covers(grant, { schema, name: "" });
      return about && [privilege, "ALL PRIVILEGES", "ALL"].some((each) => grant.privileges.has(each));
    });
  const poor = sights(version, database).filter(({ rights }) => !rights.some(may));
  const wanted = poor.flatMap(({ rights }) => rights.slice(0, 1));
  const at = (place: string): readonly string[] => [
    ...new Set(wanted.filter(({ schema }) => schema === place).map(({ privilege }) => privilege.toLowerCase())),
  ];
  const statements = [...new Set(wanted.map(({ schema }) => schema))]
    // What is given everywhere is given here.
    .filter((place) => place !== database || !at("*").includes("event"))
    .map((place) => `grant ${at(place).join(", ")} on ${place === "*" ? "*" : quoteName([place])}.* to ${account(me)};`);
  return { unseen: poor.map(({ what }) => what), grants: statements.join(" ") };
}

/** What was found of a database; kept for as long as a command lasts, since to look for it the server opens what it has of every database. */
export interface OutsideMemory {
  outside?: Promise<OutsideFact>;
}

async function look(session: Session, database: string, version: number): Promise<OutsideFact> {
  const [[me] = [], grants = [], ...found] = await session.script([
    "select current_user() as account",
    "show grants",
    ...sources.map((source) => query(source, database)),
  ]);
  const lines = grants.map((row) => String(Object.values(row)[0]));
  return {
    ...hidden(lines, String(me?.["account"]), version, database),
    texts: sources.flatMap(({ kind }, i) => (found[i] ?? []).map((row) => textOf(kind, row))),
  };
}

/** One message, whatever the number of tables, which are all of the session's database. */
export async function readOutside(
  session: Session,
  tables: readonly ObjectName[],
  version: number,
  memory: OutsideMemory,
): Promise<ReadonlyMap<string, OutsideFact>> {
  const [first] = tables;
  if (first === undefined) return new Map();
  memory.outside ??= look(session, first.schema, version);
  // What failed may be asked again.
  memory.outside.catch(() => delete memory.outside);
  const fact = await memory.outside;
  return new Map(
    tables.map((table) => [keyOf(table), { ...fact, texts: fact.texts.filter(({ text }) => text.toLowerCase().includes(table.name.toLowerCase())) }]),
  );
}

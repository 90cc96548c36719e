// Facts about the server itself: what it says under a name, and who replays what it writes.
import { quoteLiteral } from "../../../dialects/mysql/quoting.ts";
import type { Row, Session } from "../../driver.ts";
import { onServer } from "./rights.ts";

/** Settings of the whole server and counters, which have no name in common. Shown and not selected: an unknown name is an error to SELECT. */
export async function readSettings(session: Session, names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (names.length === 0) return new Map();
  const list = names.map(quoteLiteral).join(", ");
  const results = await session.script(["variables", "status"].map((what) => `show global ${what} where variable_name in (${list})`));
  const said = new Map(results.flat().map((row: Row) => [String(row["Variable_name"]).toLowerCase(), String(row["Value"])]));
  return new Map(names.flatMap((name): [string, string][] => (said.has(name.toLowerCase()) ? [[name, said.get(name.toLowerCase()) ?? ""]] : [])));
}

/** Sessions that fetch the binary log. Null: without PROCESS an account sees its own sessions only. */
export async function readReplicas(session: Session): Promise<readonly string[] | null> {
  const [grants = [], rows = []] = await session.script([
    "show grants",
    "select concat(user, ' from ', substring_index(host, ':', 1)) as name from information_schema.processlist where command like 'Binlog Dump%' order by 1",
  ]);
  const texts = grants.map((row) => String(Object.values(row)[0]));
  return onServer(texts, "PROCESS") ? rows.map((row) => String(row["name"])) : null;
}

// Who receives what this server writes, in which form, and what that means for a run.
import { isMariadb } from "../../../dialects/mysql/capabilities.ts";
import type { Row, Session } from "../../../drivers/driver.ts";
import { classify } from "../../../drivers/mysql/errors.ts";
import { readReplicas } from "../../../drivers/mysql/facts/server.ts";
import { clusterOf } from "../../../drivers/mysql/server.ts";
import { raw } from "../../../sql/sql.ts";
import { bad, type Check, good, some, warn } from "../../health.ts";
import { heldGrants } from "../grants.ts";
import { globalVariables, isOn } from "../variables.ts";

/**
 * Batches work in READ COMMITTED, so that they lock no gaps between rows; with STATEMENT the server refuses every write in it (error 1665).
 * MIXED writes rows there.
 */
const format: Check = {
  title: "binlog_format",
  async ask(session) {
    const value = await globalVariables(session, ["log_bin", "binlog_format"]);
    if (!isOn(value("log_bin"))) return good("no binary log is written");
    return value("binlog_format") === "STATEMENT"
      ? bad(
          "is STATEMENT: batches work in READ COMMITTED, in which the server refuses every write then (error 1665); and what sync triggers make would be made once more, by the replicas' own triggers",
          "set global binlog_format = ROW; and the same in the server's option file. Applications take it on when they connect anew.",
        )
      : good(`is ${value("binlog_format")}`);
  },
};

const replicas: Check = {
  title: "replicas",
  async ask(session) {
    const held = await heldGrants(session);
    const found = await readReplicas(session);
    if (found === null) return warn("cannot be seen: a long ALTER holds them up for as long as it takes here", `grant process on *.* to ${held.account};`);
    if (found.length === 0) return good("none are connected");
    const value = await globalVariables(session, ["binlog_alter_two_phase", "rpl_semi_sync_master_enabled", "rpl_semi_sync_source_enabled"]);
    const waits =
      isOn(value("rpl_semi_sync_master_enabled")) || isOn(value("rpl_semi_sync_source_enabled")) ? "; commits wait for them, so batches take longer" : "";
    const twoPhase = value("binlog_alter_two_phase");
    if (isOn(twoPhase)) return good(`${some(found)}${waits}; they begin a long ALTER when this server does`);
    return warn(
      `${some(found)}${waits}; a statement is replayed there when it has ended here, and nothing behind it until it has ended there too: building an index delays them by as long as it takes`,
      twoPhase === null
        ? "Build indexes of big tables when nobody needs fresh rows of a replica."
        : "set global binlog_alter_two_phase = 1; or build indexes of big tables when nobody needs fresh rows of a replica.",
    );
  },
};

/** MariaDB tells of all sources it follows in one statement, MySQL of its channels. Null: it may not be asked. */
async function followed(session: Session): Promise<readonly Row[] | null> {
  const mariadb = isMariadb((await heldGrants(session)).version);
  try {
    return await session.query(raw(mariadb ? "show all slaves status" : "show replica status"));
  } catch (error) {
    if (classify(error) === "denied") return null;
    throw error;
  }
}

const source: Check = {
  title: "replication",
  async ask(session) {
    const held = await heldGrants(session);
    const rows = await followed(session);
    if (rows === null)
      return good(
        `whether this server follows another is not told to this account (grant ${isMariadb(held.version) ? "replica monitor" : "replication client"} on *.* to ${held.account})`,
      );
    if (rows.length === 0) return good("this server follows no other");
    const names = rows.map((row) => {
      const lag = row["Seconds_Behind_Master"] ?? row["Seconds_Behind_Source"];
      return `${String(row["Master_Host"] ?? row["Source_Host"])}:${String(row["Master_Port"] ?? row["Source_Port"])} (${lag === null || lag === undefined ? "stopped" : `${String(lag)} s behind`})`;
    });
    return warn(
      `this server follows ${some(names)}: its rows come from there without passing a sync trigger, and changes made here do not reach it`,
      "Give the URL of the primary. Where two primaries follow each other, let applications write to this one only while a run is open.",
    );
  },
};

/** Why none of them is carried: docs/problems/clustered-server.md. */
const cluster: Check = {
  title: "cluster",
  async ask(session) {
    const found = await clusterOf(session);
    return found === undefined
      ? good("none")
      : bad(
          `the server is a member of a cluster (${found}): a lock is known to one member only, and the others can refuse what a run commits, so no run begins here`,
          "Change a cluster by its own means (wsrep_OSU_method of Galera), or migrate a server that is no part of it.",
        );
  },
};

export const replication: readonly Check[] = [format, replicas, source, cluster];

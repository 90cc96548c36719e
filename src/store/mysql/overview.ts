// What every command asks first: one message, whether there is a store or not.
import type { Row, Session } from "../../drivers/driver.ts";
import type { Holder, KnownMigration, MigrationState, Overview } from "../store.ts";
import { foundVersion, storeVersion } from "./ensure.ts";
import { type HeaderRow, headerColumns, headerOf } from "./history.ts";
import { deniedStore, emptiedDatabase, isAbsent, isDenied, isOther, newerStore } from "./problems.ts";
import { isTrue, parsedOrNull } from "./text.ts";

/** Of hotstick.homes. It begins with the newest run's id, as everywhere. */
export const seenColumn = "concat(last_run, '/', turns)";

/** Whether the application's database has a table, a view or a sequence. */
export const hasTables = "exists(select 1 from information_schema.tables where table_schema = database())";

/**
 * The version first, outside of the transaction: where there is no store this fails and nothing is left open. The rest in one snapshot,
 * which READ COMMITTED would not give.
 */
const questions: readonly string[] = [
  "select max(version) as version from hotstick.version",
  "set transaction isolation level repeatable read",
  "start transaction with consistent snapshot, read only",
  `select ${seenColumn} as seen, filled and not ${hasTables} as emptied, home from hotstick.homes where home = database()`,
  "select name, bytes_hash as bytesHash, content_hash as contentHash, state from hotstick.migrations where home = database() order by name",
  `select ${headerColumns}, l.holder from hotstick.runs r left join hotstick.leases l on l.run = r.id where r.home = database() and r.closed_at is null order by r.id`,
  "commit",
];

type Answers = readonly (readonly Row[])[];

const known = (row: Row): KnownMigration => ({
  name: String(row["name"]),
  bytesHash: row["bytesHash"] as string | null,
  contentHash: String(row["contentHash"]),
  state: row["state"] as MigrationState,
});

function overviewOf([versions, , , seen, migrations = [], runs = []]: Answers): Overview {
  const version = Number(versions?.[0]?.["version"] ?? 0);
  if (version > storeVersion) throw newerStore(version, storeVersion);
  const applied = migrations.filter((row) => row["state"] === "applied");
  // A run that is open may be the one that drops the tables.
  if (isTrue(seen?.[0]?.["emptied"]) && applied.length > 0 && runs.length === 0) throw emptiedDatabase(String(seen?.[0]?.["home"]), applied.length);
  return {
    version,
    migrations: migrations.map(known),
    openRuns: runs.map((row) => ({ ...headerOf(row as HeaderRow), holder: parsedOrNull<Holder>(row["holder"]) })),
    // Nothing was ever opened here where there is no row.
    seen: version === 0 ? "" : String(seen?.[0]?.["seen"] ?? "0/0"),
  };
}

const none = (version: number): Overview => ({ version, migrations: [], openRuns: [], seen: "" });

/** Each ends with a store that is there, or not, at once; somebody who makes it meanwhile can spoil one. */
const tries = 5;

export async function overview(session: Session): Promise<Overview> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return overviewOf(await session.script(questions));
    } catch (error) {
      if (isDenied(error)) throw deniedStore(error);
      if (isAbsent(error)) return none(0);
      if (!isOther(error)) throw error;
      // Half of a store, or one of another version, has its version to say.
      await session.script(["rollback"]);
      const version = await foundVersion(session);
      if (version > storeVersion) throw newerStore(version, storeVersion);
      if (version < storeVersion) return none(version);
      if (attempt >= tries) throw error;
    }
  }
}

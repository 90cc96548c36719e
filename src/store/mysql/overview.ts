// What every command asks first: one message, whether there is a store or not.
import type { Row, Session } from "../../drivers/driver.ts";
import type { Holder, KnownMigration, MigrationState, Overview } from "../store.ts";
import { foundVersion, storeVersion } from "./ensure.ts";
import { type HeaderRow, headerColumns, headerOf } from "./history.ts";
import { deniedStore, isAbsent, isDenied, isOther, newerStore } from "./problems.ts";
import { parsedOrNull } from "./text.ts";

/**
 * The version first, outside of the transaction: where there is no store this fails and nothing is left open. The rest in one snapshot,
 * which READ COMMITTED would not give.
 */
const questions: readonly string[] = [
  "select max(version) as version from hotstick.version",
  "set transaction isolation level repeatable read",
  "start transaction with consistent snapshot, read only",
  "select seen from hotstick.homes where home = database()",
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
  return {
    version,
    migrations: migrations.map(known),
    openRuns: runs.map((row) => ({ ...headerOf(row as HeaderRow), holder: parsedOrNull<Holder>(row["holder"]) })),
    // Nothing was ever opened here where there is no row.
    seen: version === 0 ? "" : String(seen?.[0]?.["seen"] ?? 0),
  };
}

const none = (version: number): Overview => ({ version, migrations: [], openRuns: [], seen: "" });

export async function overview(session: Session): Promise<Overview> {
  let answers: Answers;
  try {
    answers = await session.script(questions);
  } catch (error) {
    if (isDenied(error)) throw deniedStore(error);
    if (isAbsent(error)) return none(0);
    if (!isOther(error)) throw error;
    return none(await unlike(session));
  }
  return overviewOf(answers);
}

/** Half of a store, or one of another version, has its version to say. */
async function unlike(session: Session): Promise<number> {
  await session.script(["rollback"]);
  const version = await foundVersion(session);
  if (version > storeVersion) throw newerStore(version, storeVersion);
  return version;
}

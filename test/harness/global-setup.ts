// Runs once before the database tests: what can be prepared for all workers, and what is missing.
import { findBinaries as findMariadb } from "../../src/sandbox/mariadb/binaries.ts";
import { preparedDataDirectory as prepareMariadb } from "../../src/sandbox/mariadb/prepared.ts";
import { findBinaries } from "../../src/sandbox/postgres/binaries.ts";
import { preparedDataDirectory } from "../../src/sandbox/postgres/prepared.ts";
import { majors, reportMissingMajors } from "./majors.ts";
import { hasOwnMariadb, reportMissingMariadb } from "./mariadb.ts";

/** Fills the caches, so that no test waits for data directories to be made. */
export default async function setup(): Promise<void> {
  reportMissingMajors();
  reportMissingMariadb();
  await Promise.all([
    ...majors.map(async (major) => preparedDataDirectory(await findBinaries({ major }))),
    ...(hasOwnMariadb ? [findMariadb().then(prepareMariadb)] : []),
  ]);
}

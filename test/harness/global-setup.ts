// Runs once before the database tests: what can be prepared for all workers, and what is missing.
import { findBinaries } from "../../src/sandbox/postgres/binaries.ts";
import { preparedDataDirectory } from "../../src/sandbox/postgres/prepared.ts";
import { majors, reportMissingMajors } from "./majors.ts";

/** Fills the caches, so that no test waits for initdb. */
export default async function setup(): Promise<void> {
  reportMissingMajors();
  await Promise.all(majors.map(async (major) => preparedDataDirectory(await findBinaries({ major }))));
}

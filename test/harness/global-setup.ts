// Runs once before the database tests: what can be prepared for all workers, and what is missing.
import { startServer } from "../../src/sandbox/postgres/server.ts";
import { majors, reportMissingMajors } from "./majors.ts";

/** Starting each server once fills the caches, so that no test waits for initdb. */
export default async function setup(): Promise<void> {
  reportMissingMajors();
  for (const major of majors) await (await startServer({ major })).stop("immediate");
}

// Which PostgreSQL majors this run of the tests covers.
import { findPackage, howToInstall, knownMajors, newestMajor } from "../../src/sandbox/postgres/packages.ts";

const oldestMajor = Math.min(...knownMajors);

/** What HOTSTICK_MAJORS asks for: a list such as "14,18", or "all". The oldest and the newest find nearly everything. */
const wanted: readonly number[] =
  process.env["HOTSTICK_MAJORS"] === "all" ? knownMajors : (process.env["HOTSTICK_MAJORS"] ?? `${oldestMajor},${newestMajor}`).split(",").map(Number);

const isInstalled = (major: number): boolean => findPackage(major) !== undefined;

/** Majors to test on, oldest first; use with `describe.each(majors)("PostgreSQL %i", …)`. */
export const majors: readonly number[] = wanted.filter(isInstalled);

/** The newest covered major, for tests that need one server only. */
export const newest: number = Math.max(...majors);

/**
 * Says which majors are left out because no server is installed.
 * @throws Error where CI is set: there nothing may be left out silently.
 */
export function reportMissingMajors(): void {
  for (const major of wanted.filter((each) => !isInstalled(each))) {
    const line = `PostgreSQL ${major} is not installed; its tests are SKIPPED. ${howToInstall(major)}`;
    if (process.env["CI"] !== undefined) throw new Error(line);
    console.error(line);
  }
}

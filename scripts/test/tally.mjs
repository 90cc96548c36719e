// Counting: what passed, failed and was skipped, from vitest's JSON report.
import { relative } from "node:path";

export const nothing = { passed: 0, failed: 0, skipped: 0, failures: [] };

export const add = (a, b) => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
  failures: [...a.failures, ...b.failures],
});

/** The one line that ends every run of the tests. */
export const line = ({ passed, failed, skipped }) => `${passed} passed, ${failed} failed, ${skipped} skipped`;

/** What stands before it: each failure's name and the first line of what it says, for whoever sees only the end of a log. */
export const told = ({ failures }) => failures.map((failure) => `failed: ${failure}`);

/** A case's name in one spelling: lists join titles by ` > `, reports by a space, and a title may hold either. */
export const caseKey = (file, name) => `${file}\n${name.replaceAll(" > ", " ")}`;

const failure = (file, name, message = "") => ({
  ...nothing,
  failed: 1,
  failures: [`${[relative(process.cwd(), file), name].filter(Boolean).join(" > ")}: ${message.trim().split("\n", 1)[0]}`],
});

/**
 * Counts a run. Vitest calls cases that a name pattern left out skipped, so with `only` (a set of case keys) the others do not count.
 * A run that ended badly with no failed case (a file that does not load, an unhandled error, a crash) counts as one failure.
 */
export function count({ code, report }, only) {
  let counts = nothing;
  for (const { name: file, assertionResults, status, message } of report?.testResults ?? []) {
    for (const result of assertionResults) {
      if (only && !only.has(caseKey(file, result.fullName))) continue;
      if (result.status === "failed") counts = add(counts, failure(file, result.fullName, result.failureMessages?.[0]));
      else counts = add(counts, { ...nothing, [result.status === "passed" ? "passed" : "skipped"]: 1 });
    }
    if (status === "failed" && !assertionResults.some((result) => result.status === "failed")) counts = add(counts, failure(file, "", message));
  }
  return code !== 0 && counts.failed === 0 ? add(counts, failure("", "the run", `ended with ${code}, and no test failed`)) : counts;
}

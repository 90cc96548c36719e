// Counting: what passed, failed and was skipped, from vitest's JSON report.

export const nothing = { passed: 0, failed: 0, skipped: 0 };

export const add = (a, b) => ({ passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped });

/** The one line that ends every run of the tests. */
export const line = ({ passed, failed, skipped }) => `${passed} passed, ${failed} failed, ${skipped} skipped`;

/** A case's name in one spelling: lists join titles by ` > `, reports by a space, and a title may hold either. */
export const caseKey = (file, name) => `${file}\n${name.replaceAll(" > ", " ")}`;

/**
 * Counts a run. Vitest calls cases that a name pattern left out skipped, so with `only` (a set of case keys) the others do not count.
 * A run that ended badly with no failed case (a file that does not load, an unhandled error, a crash) counts as one failure.
 */
export function count({ code, report }, only) {
  let counts = nothing;
  for (const { name: file, assertionResults, status } of report?.testResults ?? []) {
    for (const result of assertionResults) {
      if (only && !only.has(caseKey(file, result.fullName))) continue;
      const key = result.status === "passed" || result.status === "failed" ? result.status : "skipped";
      counts = add(counts, { ...nothing, [key]: 1 });
    }
    if (status === "failed" && !assertionResults.some((result) => result.status === "failed")) counts = add(counts, { ...nothing, failed: 1 });
  }
  return code !== 0 && counts.failed === 0 ? add(counts, { ...nothing, failed: 1 }) : counts;
}

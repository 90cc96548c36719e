// The whole suite in parts that can be run one at a time, on several machines, or gone on with after an interruption.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { add, count, nothing } from "./tally.mjs";
import { cache, root, run, scopes } from "./vitest.mjs";

// A shard ends with its longest file, while the other worker has nothing left: few are faster, and an interruption still costs no more than a third.
const usualShards = 3;

/** Identifies what would be tested: the commit, everything changed since, and the scope. */
function fingerprint() {
  const git = (...args) => execFileSync("git", args, { cwd: root, maxBuffer: 1 << 28 });
  const hash = createHash("sha256").update(git("rev-parse", "HEAD")).update(git("diff", "HEAD")).update(JSON.stringify(scopes.all()));
  const untracked = git("ls-files", "--others", "--exclude-standard", "-z").toString().split("\0");
  for (const file of untracked.filter((name) => name !== "")) hash.update(file).update(readFileSync(join(root, file)));
  return hash.digest("hex");
}

/** Runs one shard `i/n`, or all of them; with `resume`, those that passed on this very tree are not run again. */
export async function runShards({ shard, resume }) {
  const tree = fingerprint();
  const [index, total] = shard ? shard.split("/").map(Number) : [null, usualShards];
  const indexes = index ? [index] : Array.from({ length: total }, (_, i) => i + 1);
  let counts = nothing;
  mkdirSync(cache, { recursive: true });
  for (const i of indexes) {
    const record = join(cache, `all-${i}-of-${total}.done.json`);
    const done = resume && existsSync(record) ? JSON.parse(readFileSync(record, "utf8")) : null;
    if (done?.tree === tree) {
      console.log(`shard ${i}/${total}: done before, not run again`);
      counts = add(counts, done.counts);
      continue;
    }
    console.log(`shard ${i}/${total}`);
    const outcome = await run(`all-${i}-of-${total}`, "all", [`--shard=${i}/${total}`, "--passWithNoTests"]);
    const part = count(outcome);
    if (part.failed === 0) writeFileSync(record, JSON.stringify({ tree, counts: part }));
    counts = add(counts, part);
    if (outcome.code === 130) break;
  }
  return counts;
}

// npm test: unit and database tests on the newest servers, many on the oldest too, the quick part of every kind.
//   --all [--shard i/n] [--resume]              everything, on every server
//   --sample SHARE [--seed N] [--minutes N]     a seeded share of what --all has beyond npm test
//   --tally FILE                                add the counts to FILE and leave the closing line to --sum FILE
// Anything else goes to vitest: file names, -t PATTERN.
// The last line is `N passed, N failed, N skipped`, behind a line for each failure; no test at all is a failure.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { runSample } from "./test/sample.mjs";
import { runShards } from "./test/shards.mjs";
import { add, count, line, nothing, told } from "./test/tally.mjs";
import { run } from "./test/vitest.mjs";

const own = {
  all: { type: "boolean" },
  shard: { type: "string" },
  resume: { type: "boolean" },
  sample: { type: "string" },
  seed: { type: "string" },
  minutes: { type: "string" },
  tally: { type: "string" },
  sum: { type: "string" },
};

/** Our own options, and what is left for vitest, as it was written. */
function readArguments(argv) {
  const { values, tokens } = parseArgs({ args: argv, options: own, strict: false, allowPositionals: true, tokens: true });
  const ours = new Set();
  for (const token of tokens) {
    if (token.kind !== "option" || !(token.name in own)) continue;
    ours.add(token.index);
    if (token.value !== undefined && !token.inlineValue) ours.add(token.index + 1);
  }
  return { values, rest: argv.filter((_, i) => !ours.has(i)) };
}

async function runTests(values, rest) {
  if (values.sample) {
    // A day's seed makes a local run repeatable; CI passes its own.
    const seed = Number(values.seed ?? Math.floor(Date.now() / 86_400_000));
    return runSample({ share: Number(values.sample), seed, minutes: Number(values.minutes ?? 20) });
  }
  if (values.all || values.shard || values.resume) return { counts: await runShards(values), empty: false };
  return { counts: count(await run("quick", "quick", rest)), empty: false };
}

const readTally = (file) => (existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : nothing);
const { values, rest } = readArguments(process.argv.slice(2));
if (values.sum) {
  const counts = readTally(values.sum);
  console.log([...told(counts), line(counts)].join("\n"));
  process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0;
} else {
  const { counts, empty } = await runTests(values, rest);
  if (values.tally) writeFileSync(values.tally, JSON.stringify(add(readTally(values.tally), counts)));
  else console.log([...told(counts), line(counts)].join("\n"));
  process.exitCode = counts.failed > 0 || (counts.passed === 0 && !empty) ? 1 : 0;
}

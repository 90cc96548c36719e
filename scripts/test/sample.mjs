// A seeded sample of the tests that `npm test` leaves out, so that all of them are met in time.
import { add, caseKey, count, nothing } from "./tally.mjs";
import { list, run } from "./vitest.mjs";

// Cases per vitest process: the pattern stays far below the kernel's 128 KiB for one argument.
const perRun = 100;

/** mulberry32: small, and the same everywhere for the same seed. */
function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function choose(cases, share, seed) {
  const next = random(seed);
  const pool = [...cases].sort((a, b) => (caseKey(a.file, a.name) < caseKey(b.file, b.name) ? -1 : 1));
  const wanted = Math.min(pool.length, Math.ceil(pool.length * share));
  for (let i = 0; i < wanted; i++) {
    const j = i + Math.floor(next() * (pool.length - i));
    [pool[i], pool[j]] = [pool[j], pool[i]];
  }
  return pool.slice(0, wanted);
}

/** In lists titles are joined by ` > `, but the pattern is held against names joined by a space. */
const pattern = (cases) => `^(?:${cases.map(({ name }) => name.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&").replaceAll(" > ", "(?: > | )")).join("|")})$`;

/** Runs a share of the cases of scope `all` that scope `quick` lacks; begins no new part after `minutes`. */
export async function runSample({ share, seed, minutes }) {
  const quick = new Set((await list("quick")).map(({ file, name }) => caseKey(file, name)));
  const rest = (await list("all")).filter(({ file, name }) => !quick.has(caseKey(file, name)));
  const chosen = choose(rest, share, seed);
  console.log(`sample: ${chosen.length} of the ${rest.length} tests beyond npm test, seed ${seed}`);
  // Cases of one file go together, so that its servers start once.
  chosen.sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0));
  const deadline = Date.now() + minutes * 60_000;
  let counts = nothing;
  for (let from = 0; from < chosen.length; from += perRun) {
    if (Date.now() > deadline) {
      console.log(`sample: ${chosen.length - from} of the chosen tests not run, for ${minutes} minutes are over`);
      break;
    }
    const part = chosen.slice(from, from + perRun);
    const files = [...new Set(part.map(({ file }) => file))];
    const outcome = await run("sample", "all", [...files, "--testNamePattern", pattern(part)]);
    counts = add(counts, count(outcome, new Set(part.map(({ file, name }) => caseKey(file, name)))));
  }
  return { counts, empty: rest.length === 0 };
}

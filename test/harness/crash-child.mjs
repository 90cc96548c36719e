// Carries a run with the build, and dies or falls asleep where it was told to. Says what came of it as one line of JSON.
import { writeSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const task = JSON.parse(process.env.HOTSTICK_CHILD);
const load = (path) => import(pathToFileURL(join(task.folder, path)).href);
const [{ engineOf }, { systemClock }, { holdRun, openRun }, { carry }] = await Promise.all(["app/engines.js", "run/clock.js", "run/open.js", "run/loop.js"].map(load));

let times = 0;
function checkpoint(name) {
  if (name !== task.at?.checkpoint) return;
  times += 1;
  if (times !== task.at.time) return;
  if (task.at.signal === "SIGSTOP") writeSync(1, "stopping\n");
  process.kill(process.pid, task.at.signal);
}

/** Numbers from 1 on, each in a batch of its own. */
const count = async (context) => {
  for (let n = (context.cursor ?? 0) + 1; n <= 6; n += 1) {
    await context.batch(async (session) => {
      await session.script([`insert into counted values (${n})`]);
      return n;
    });
  }
};

const holder = { name: "child@here", pid: process.pid, version: "0.0.0" };
const engine = await engineOf(task.url);
const [driver, dialect, store] = await Promise.all([engine.driver(task.url), engine.dialect(), engine.store()]);
const tools = {
  driver,
  dialect,
  store,
  clock: systemClock,
  random: Math.random,
  modules: async () => count,
  checkpoint,
  report: () => undefined,
};
const never = new AbortController().signal;

const session = await tools.driver.connect({ purpose: "child" });
try {
  await tools.store.ensure(session);
  const { seen } = await tools.store.overview(session);
  const held = task.plan === undefined ? await holdRun(tools, session, task.run, { holder, wait: true, signal: never, times: task.times }) : await openRun(tools, session, task.plan, { holder, seen, times: task.times });
  try {
    const { outcome, position } = await carry(held, { ...task.carry, by: holder.name, pause: never, abort: never, options: { pauseMs: 50 } });
    console.log(JSON.stringify({ outcome, position }));
  } catch (problem) {
    console.log(JSON.stringify({ problem: { code: problem.code ?? "defect", message: String(problem.stack) } }));
  } finally {
    await held.release();
  }
} finally {
  await session.close();
}

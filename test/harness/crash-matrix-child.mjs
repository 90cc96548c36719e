// Carries a run with the build and dies at one point of it; or, told of none, says which points it came to.
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const task = JSON.parse(process.env.HOTSTICK_CHILD);
const load = (path) => import(pathToFileURL(join(task.folder, path)).href);
const [{ engineOf }, { systemClock }, { holdRun, openRun, reopenRun }, { carry }] = await Promise.all(
  ["app/engines.js", "run/clock.js", "run/open.js", "run/loop.js"].map(load),
);

// A point is named by the act that was begun last, the checkpoint, and the how many-th time they meet.
let act = "begin";
const met = new Map();
function checkpoint(name) {
  const place = `${act} ${name}`;
  const times = (met.get(place) ?? 0) + 1;
  met.set(place, times);
  if (times > 1) met.set(`${place} ${times}`, 1);
  if (task.point === (times > 1 ? `${place} ${times}` : place)) process.kill(process.pid, "SIGKILL");
}
function report(news) {
  if (news.kind === "event" && (news.event.kind === "started" || news.event.kind === "undo-started")) act = news.event.step;
}

/** Numbers from 1 on, each in a batch of its own. */
const up = async (context) => {
  for (let n = (context.cursor ?? 0) + 1; n <= 4; n += 1) {
    await context.batch(async (session) => {
      await session.script([`insert into counted values (${n})`]);
      return n;
    });
  }
};
const down = async (context) => {
  await context.batch(async (session) => {
    await session.script(["delete from counted"]);
    return 1;
  });
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
  modules: async (module) => (module.export === "down" ? down : up),
  checkpoint,
  report,
};
const never = new AbortController().signal;

const session = await tools.driver.connect({ purpose: "child" });
try {
  const { seen, openRuns } = await tools.store.overview(session);
  const [open] = openRuns;
  const opener = { holder, seen, times: task.times };
  const held = task.plan ? await openRun(tools, session, task.plan, opener) : open ? await holdRun(tools, session, open.id, { ...opener, wait: true, signal: never }) : await reopenRun(tools, session, task.run, { ...opener, goal: task.goal });
  try {
    await carry(held, { direction: task.direction, goal: task.goal, by: holder.name, pause: never, abort: never, options: task.options });
    // Where a place is met twice, both times have a name of their own.
    console.log(JSON.stringify({ points: [...met.keys()] }));
  } catch (problem) {
    console.log(JSON.stringify({ problem: String(problem.stack) }));
  } finally {
    await held.release();
  }
} finally {
  await session.close();
}

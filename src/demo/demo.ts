// hotstick demo: a column is split, given back, killed, split again, dropped and brought back, while two applications use it.
import type { AppContext, DemoOptions, DemoResult, DemoScene, UseCases } from "../app/contract.ts";
import { Problem } from "../problem.ts";
import { engineNamed } from "./engines.ts";
import { resultOf } from "./result.ts";
import { now, Stage } from "./stage.ts";
import { type Notes, scenes } from "./story.ts";
import { fewestRows } from "./traffic.ts";
import { viewOf } from "./view.ts";

/** As often as an eye can follow. */
const frameMs = 100;

const interrupted = (): Problem =>
  new Problem({ code: "demo-interrupted", message: "The demo was stopped; its database is gone.", hint: "Start it again with: hotstick demo", exit: 130 });

const tooFew = (rows: number): Problem =>
  new Problem({
    code: "bad-usage",
    message: `The demo needs ${fewestRows.toLocaleString("en-US")} rows at least, not ${rows}.`,
    hint: "hotstick demo --rows 20000",
  });

/** Rejects when the person at the terminal has had enough; never resolves. */
function stopped({ pause, abort }: Pick<AppContext, "pause" | "abort">): Promise<never> {
  const asked = new Promise<never>((_, reject) => {
    for (const signal of [pause, abort]) {
      if (signal.aborted) reject(interrupted());
      signal.addEventListener("abort", () => reject(interrupted()), { once: true });
    }
  });
  asked.catch(() => undefined);
  return asked;
}

const failure = (error: unknown): string => (error instanceof Problem ? `${error.message}${error.hint === undefined ? "" : ` ${error.hint}`}` : String(error));

type Told = (done: readonly DemoScene[], title: string | null) => void;

/**
 * Plays the scenes in turn. After one that failed, the next would only fail for the same reason.
 * @param told is called when a scene begins, and when the last one is over.
 */
async function play(stage: Stage, notes: Notes, stop: Promise<never>, told: Told): Promise<readonly DemoScene[]> {
  const done: DemoScene[] = [];
  for (const { title, always, play: perform } of scenes) {
    if (always !== true && done.some(({ ok }) => !ok)) continue;
    told(done, title);
    try {
      const message = await Promise.race([perform(stage, notes), stage.broken, stop]);
      done.push({ title, ok: true, message });
    } catch (error) {
      if (error instanceof Problem && error.code === "demo-interrupted") throw error;
      done.push({ title, ok: false, message: failure(error) });
      // What an application knew is gone with it.
      if (error instanceof Problem && error.code === "demo-application") break;
    }
  }
  told(done, null);
  return done;
}

async function perform(stage: Stage, { watch, keep }: DemoOptions, stop: Promise<never>, since: number): Promise<DemoResult> {
  const notes: Notes = { quiet: null, verdicts: [], rowsPerSecond: 0, killed: false, resumed: false, rolledBack: false, undone: false, naive: null };
  let shown: readonly [readonly DemoScene[], string | null] = [[], null];
  const show = (): void => watch?.(viewOf(stage, ...shown, since));
  const frames = setInterval(show, frameMs);
  try {
    const done = await play(stage, notes, stop, (...state) => {
      shown = state;
      show();
    });
    return resultOf(stage, notes, done, since, keep);
  } finally {
    clearInterval(frames);
  }
}

/**
 * @throws Problem `bad-usage`, `sandbox-missing` and its like, `demo-interrupted` (exit 130). What fails in a scene is in the result.
 */
export const demo: UseCases["demo"] = async (context, options): Promise<DemoResult> => {
  if (options.rows < fewestRows) throw tooFew(options.rows);
  const engine = engineNamed(options.engine);
  const since = now();
  const stop = stopped(context);
  const note = (message: string): void => context.report({ at: new Date().toISOString(), run: null, event: "note", message });
  note("Starting a database server of the demo's own.");
  const server = await engine.startServer();
  note(`Making a table of ${options.rows.toLocaleString("en-US")} users on ${engine.product(server)}, and a copy for the contrast at the end.`);
  const setting = Stage.set(engine, server, options.rows, context.report);
  try {
    const stage = await Promise.race([setting, stop]);
    try {
      return await perform(stage, options, stop, since);
    } finally {
      await stage.strike(options.keep);
    }
  } catch (error) {
    setting.catch(() => undefined);
    await server.stop("immediate");
    throw error;
  }
};

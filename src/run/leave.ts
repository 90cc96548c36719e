// What is written down, and said, when a run stops before its goal.

import { plural } from "../plural.ts";
import { Problem } from "../problem.ts";
import type { RunContext } from "./context.ts";
import { asData, paused } from "./problems.ts";

/** What stands, as a sentence. */
function standing({ journal, plan, run }: RunContext): string {
  const { position, steps } = journal.state;
  const done = plan.steps.filter((step) => steps[step.id] === "done").length;
  const told =
    done === 0 ? "none of its steps is done" : `${done} of ${plural(plan.steps.length, "step")} ${done === 1 ? "is done and stays" : "are done and stay"} so`;
  return `Run ${run} stands ${position === "start" ? "at its start" : `after ${position}`}; ${told}.`;
}

const withDone = (problem: Problem, done: string): Problem =>
  new Problem({
    code: problem.code,
    message: problem.message,
    done: problem.done ?? done,
    exit: problem.exit,
    ...(problem.hint === undefined ? {} : { hint: problem.hint }),
    ...(problem.subject === undefined ? {} : { subject: problem.subject }),
    ...(problem.cause === undefined ? {} : { cause: problem.cause }),
    ...(problem.details === undefined ? {} : { details: problem.details }),
  });

/** What really happened: an abort or a lost lease shows first as a cancelled statement or a closed connection. */
function truth(context: RunContext, error: unknown): unknown {
  if (context.lease.lost.aborted) return context.lease.lost.reason;
  return context.stops.aborted && !(error instanceof Problem && error.code === "paused") ? paused(context.run, context.stops.reason() ?? "interrupt") : error;
}

/** Journals why, as far as that is still ours to do, and gives what is to be thrown. */
export async function leave(context: RunContext, error: unknown): Promise<Error> {
  const cause = truth(context, error);
  const problem = cause instanceof Problem ? withDone(cause, standing(context)) : null;
  try {
    if (problem?.code === "lease-lost") return problem;
    const step = context.journal.state.current?.step ?? null;
    if (problem?.code === "paused") await context.journal.note({ kind: "paused", reason: context.stops.reason() ?? "asked" });
    else if (problem !== null) await context.journal.note({ kind: "stopped", step, problem: asData(problem) });
    else await context.journal.note({ kind: "stopped", step, problem: { code: "defect", message: context.driver.describe(cause), hint: null, details: null } });
  } catch {
    // The journal cannot be reached: the first cause is what counts.
  }
  return problem ?? (cause instanceof Error ? cause : new Error(String(cause)));
}

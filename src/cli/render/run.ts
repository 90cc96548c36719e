// One run as people read it: the rail, what it does, what it waits for, who is still there, and what to type next.
import type { Blocker, Evidence, NextCommand, PhaseView, Progress, RunState, RunView, StepView, Waiting } from "../../app/contract.ts";
import { count, plural } from "../../plural.ts";
import { findingLines } from "./finding.ts";
import { clean, oneLine } from "./layout.ts";
import { range, ratio, time } from "./numbers.ts";
import type { Style } from "./style.ts";

/** `● expand  ◐ backfill  ○ switch  · retire  · drop`. */
export function railText(rail: readonly PhaseView[], style: Style): string {
  const one = ({ phase, state, steps, stepsDone }: PhaseView): string => {
    const text = `${style.symbols[state]} ${phase}`;
    if (state === "active") return style.cyan(style.bold(`${text} ${stepsDone}/${steps}`));
    return state === "done" ? style.green(text) : style.dim(text);
  };
  return rail.map(one).join("  ");
}

/** `3 of 120,000 rows`, with a bar where the total is known. */
export function progressText({ rowsDone, rowsTotal, rowsPerSecond, etaMs, pass }: Progress, style: Style, bar = 20): string {
  const share = rowsTotal === null ? null : ratio(rowsDone, rowsTotal);
  const filled = Math.round((share ?? 0) * bar);
  const pieces = [
    share === null ? "" : `${style.cyan(style.symbols.full.repeat(filled))}${style.dim(style.symbols.rest.repeat(bar - filled))} ${Math.floor(share * 100)} %`,
    rowsTotal === null ? plural(rowsDone, "row") : `${count(rowsDone)} of about ${plural(Math.max(rowsDone, rowsTotal), "row")}`,
    rowsPerSecond === null ? "" : `${count(rowsPerSecond)} rows/s`,
    etaMs === null ? "" : `${range(etaMs)} left`,
    pass > 1 ? `pass ${pass}` : "",
  ];
  return pieces.filter((text) => text !== "").join(" · ");
}

/** `pid 4711, psql (alice), idle in transaction for 14 s`. */
export function blockerText({ pid, gid, application, user, state, ageMs, mode, relation, maintenance }: Blocker): string {
  const who = pid === null ? `prepared transaction ${gid ?? "?"}` : `pid ${pid}`;
  const name = [application === "" ? "" : application, user === "" ? "" : `(${user})`].filter((text) => text !== "").join(" ");
  return oneLine(
    [who, name, `${state} for ${time(ageMs)}`, mode === "" ? "" : `${mode} on ${relation}`, maintenance ? "gives way by itself" : ""]
      .filter((text) => text !== "")
      .join(", "),
  );
}

/** The oldest blocker is named; the rest is counted. */
export function waitingText({ what, blockers, sinceMs, attempt, attempts }: Waiting): string {
  const [first, ...rest] = blockers;
  const by = first === undefined ? "" : `, held by ${blockerText(first)}${rest.length > 0 ? ` and ${count(rest.length)} more` : ""}`;
  return `waiting for ${oneLine(what)}${by} · ${time(sinceMs)}, try ${attempt}${attempts === null ? "" : ` of ${attempts}`}`;
}

export const stepText = ({ title, direction, attempt }: StepView): string =>
  `${direction === "back" ? "back: " : ""}${oneLine(title)}${attempt > 1 ? ` (try ${attempt})` : ""}`;

const states: Readonly<Record<RunState, string>> = {
  working: "at work",
  resting: "at rest between phases",
  paused: "paused, as asked",
  interrupted: "interrupted: whoever drove it is gone",
  stopped: "stopped by a problem",
  complete: "complete",
  "rolled-back": "rolled back",
  undone: "undone",
};

export function stateText(state: RunState, style: Style): string {
  const text = states[state];
  if (state === "stopped" || state === "interrupted") return style.red(text);
  return state === "paused" ? style.yellow(text) : state === "complete" ? style.green(text) : text;
}

function evidenceLine({ seen, message }: Evidence, style: Style): string {
  const mark = seen === null ? style.yellow("?") : seen ? style.red(style.symbols.bad) : style.green(style.symbols.good);
  return `${mark} ${oneLine(message)}`;
}

export const nextText = (next: NextCommand | null, style: Style): string => (next === null ? "" : `Next: ${style.bold(next.command)}  ${style.dim(next.why)}`);

/** Everything about a run but its next command. */
export function runLines(run: RunView, style: Style): readonly string[] {
  const fact = (name: string, text: string | null): readonly string[] => (text === null ? [] : [`  ${style.dim(name.padEnd(8))} ${text}`]);
  const { problem, oldUsers } = run;
  return [
    `${style.bold(run.migrations.join(", "))} ${style.dim(`run ${run.id}`)}`,
    `  ${railText(run.rail, style)}`,
    ...fact("state", `${stateText(run.state, style)}${run.direction === "back" && run.finishedAt === null ? ", going back" : ""}`),
    ...fact("ready", run.finishedAt === null && run.ready ? style.green("yes: code that uses the new shape may be deployed") : null),
    ...fact("step", run.step && `${run.step.id}  ${stepText(run.step)}`),
    ...fact("rows", run.progress && progressText(run.progress, style)),
    ...fact("waiting", run.waiting && style.yellow(waitingText(run.waiting))),
    ...fact("driver", run.holder && oneLine(`${run.holder.name}, pid ${run.holder.pid}, last seen ${time(run.holder.silentMs)} ago`)),
    ...fact("problem", problem && style.red(clean(problem.message.split("\n")[0] ?? ""))),
    ...oldUsers.flatMap((evidence, i) => fact(i === 0 ? "old code" : "", evidenceLine(evidence, style))),
    ...findingLines(run.findings, style).map((line) => `  ${line}`),
    ...fact("since", `${run.startedAt}${run.finishedAt === null ? "" : ` until ${run.finishedAt}`}`),
  ];
}

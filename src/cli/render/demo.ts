// The demo: its picture while it goes on, its scenes as lines, and its figures at the end.
import type { DemoApplication, DemoResult, DemoScene, DemoView } from "../../app/contract.ts";
import { count, plural } from "../../plural.ts";
import { clean, cut, columns as inColumns, indented, oneLine, padded, width } from "./layout.ts";
import type { Live } from "./live.ts";
import { time } from "./numbers.ts";
import { nextText, progressText, railText, stepText, waitingText } from "./run.ts";
import { sparkline } from "./sparkline.ts";
import type { Style } from "./style.ts";

const clock = (ms: number): string => `${Math.floor(ms / 60_000)}:${String(Math.floor(ms / 1000) % 60).padStart(2, "0")}`;
/** Latencies with a fixed width, so that nothing moves. */
const exact = (ms: number): string => (ms < 100 ? `${ms.toFixed(1)} ms` : time(ms)).padStart(8);

/** Longer than this a person begins to wait. */
const longMs = 300;

function applicationLines({ name, columns, state, requests, failed, p99, slots, waitingMs }: DemoApplication, style: Style, to: number): readonly string[] {
  const stuck = waitingMs > longMs;
  const latency =
    state === "absent" ? "".padEnd(12) : stuck ? style.red(`waits ${time(waitingMs)}`.padEnd(12)) : p99 === null ? "".padEnd(12) : `p99 ${exact(p99)}`;
  const label = `${padded(name, 15)}  ${padded(columns, 21)}`;
  const answered = state === "absent" && requests === 0 ? "not yet there" : state === "absent" ? "has left" : `${count(requests)} requests`;
  const failures = failed === 0 ? style.green("0 failed") : style.red(`${count(failed)} failed`);
  const head = `${state === "absent" ? style.dim(label) : label}  ${latency}  ${answered.padStart(15)}${requests === 0 ? "" : `  ${failures}`}`;
  return [head, sparkline(slots.slice(-(to - 1)), style)];
}

function commandLine({ command, checking }: DemoView, { step, waiting }: Live, style: Style): string {
  if (command === null) return style.dim(checking ? "every row is held against what the applications wrote" : "Hotstick is not running");
  const doing = waiting ? style.yellow(waitingText(waiting.view)) : step ? stepText(step.view) : "";
  return `$ ${style.bold(command)}  ${doing}`;
}

/** As many lines at every moment, none wider than the terminal. */
export function demoPicture(view: DemoView, live: Live, style: Style, columns: number): readonly string[] {
  const to = Math.max(40, columns - 1);
  const { applications, locks } = view;
  const subject = `── ${view.subject} `;
  const rail = live.rail.length > 0 ? live.rail : view.rail;
  const waiting = locks.waiting === 0 ? "nobody waits behind Hotstick" : style.yellow(`${plural(locks.waiting, "session")} wait behind Hotstick`);
  const lines = [
    style.dim(`${subject}${"─".repeat(Math.max(0, to - width(subject) - 8))} ${clock(view.elapsedMs)} ──`),
    style.bold(view.scene ?? ""),
    rail.length === 0 ? "" : railText(rail, style),
    commandLine(view, live, style),
    view.command !== null && live.progress ? progressText(live.progress, style, columns < 100 ? 10 : 24) : "",
    "",
    ...applications.flatMap((application) => applicationLines(application, style, to)),
    `${waiting}${style.dim(` · longest so far ${time(locks.longestMs)}`)}`,
  ];
  return lines.map((line) => cut(line, to));
}

/** A scene that is over: what happened, and what came of it. */
export function sceneLines({ title, ok, message }: DemoScene, style: Style): readonly string[] {
  const mark = ok ? style.green(style.symbols.good) : style.red(style.symbols.bad);
  return [`${mark} ${oneLine(title)}`, ...indented(clean(message).split("\n"), 2).map(ok ? style.dim : style.red)];
}

/** Figures and what they are, for stdout. */
export function demoText(result: DemoResult, style: Style): string {
  const good = (value: number, text: string): string => (value === 0 ? style.green(text) : style.red(text));
  const walked = { "rolled back": result.rolledBack, killed: result.killed, resumed: result.resumed, undone: result.undone };
  const { naive } = result;
  const rows: readonly (readonly [string, string])[] = [
    ["requests", `${count(result.requests)} in ${count(result.seconds)} s, ${good(result.failed, `${count(result.failed)} failed`)}`],
    [
      "values",
      good(
        result.wrongRows + result.lostWrites + result.wrongReads,
        `${count(result.wrongRows)} wrong rows, ${count(result.lostWrites)} lost writes, ${count(result.wrongReads)} wrong reads`,
      ),
    ],
    [
      "ways walked",
      Object.entries(walked)
        .map(([name, done]) => `${done ? style.green(style.symbols.good) : style.red(style.symbols.bad)} ${name}`)
        .join("  "),
    ],
    ["backfill", `${count(result.rowsPerSecond)} rows/s, ${plural(result.rows, "row")}`],
    [
      "latency",
      `p99 ${time(result.p99Before)} before, ${time(result.p99During)} while Hotstick worked (p50 ${time(result.p50Before)} and ${time(result.p50During)}), longest ${time(result.longestRequestMs)}`,
    ],
    [
      "lock waits",
      `${time(result.longestLockWaitMs)} at most behind Hotstick (for the table ${time(result.longestTableLockWaitMs)}, for a row ${time(result.longestRowLockWaitMs)})`,
    ],
    ...(naive === null
      ? []
      : [
          [
            "without Hotstick",
            `everybody waited ${style.red(time(naive.longestStallMs))}, ${count(naive.failed)} failed, ${naive.wrongRows === 0 ? "0 wrong rows" : style.red(plural(naive.wrongRows, "wrong row"))}`,
          ] as const,
        ]),
    ...(result.url === null ? [] : [["database", `stays up at ${result.url}`] as const]),
  ];
  const failures = [
    ...result.scenes.filter(({ ok }) => !ok).flatMap((scene) => sceneLines(scene, style)),
    ...result.problems.map((problem) => style.red(oneLine(problem))),
  ];
  const lines = [
    ...inColumns(rows.map(([name, text]) => [style.dim(name), text])),
    ...(failures.length > 0 ? ["", ...failures] : []),
    "",
    nextText(result.next, style),
  ];
  return `${lines.join("\n")}\n`;
}

// Results of commands that drive a run, for stdout.
import type { DoctorResult, HistoryResult, NextCommand, RunResult, ServerView, StatusResult, UndoResult, VerifyResult } from "../../app/contract.ts";
import { count, plural } from "../../plural.ts";
import { columns, indented, oneLine } from "./layout.ts";
import { nextText, runLines, stateText } from "./run.ts";
import type { Style } from "./style.ts";

const page = (lines: readonly string[]): string => (lines.length === 0 ? "" : `${lines.join("\n")}\n`);
const nextLines = (next: NextCommand | null, style: Style): readonly string[] => (next === null ? [] : ["", nextText(next, style)]);
const serverText = (server: ServerView | null): string =>
  server === null ? "" : `${oneLine(server.database)} on ${oneLine(server.product)} as ${oneLine(server.user)}`;

/** A run, and what to do next. What the plan found was told when the run began. */
export function runText({ run, paused, next }: RunResult, style: Style, nothing = "Nothing to do."): string {
  const pausedLine = paused ? ["", `${style.yellow("Paused safely.")} Go on with: ${style.bold(paused.resume)}`] : [];
  return page([
    ...(run ? runLines(run, style) : nothing === "" ? [] : [nothing]),
    ...pausedLine,
    ...(paused ? [] : nextLines(next ?? run?.next ?? null, style)),
  ]);
}

/** A refill meets every row, and takes new code's word where it wrote since. */
const sources = {
  archive: "from the archive",
  down: "refilled: what new code wrote since is from the down expression, the rest as it was",
  default: "from the default",
} as const;

export const undoText = ({ restored, ...result }: UndoResult, style: Style): string =>
  runText(result, style) + page(restored.map(({ object, source, rows }) => `${oneLine(object)}: ${plural(rows, "row")} ${sources[source]}`));

export function statusText({ server, runs, applied, last, pending, next }: StatusResult, style: Style): string {
  const done = `${plural(applied, "migration")} applied${last ? `, last ${last.migration} at ${last.at}` : ""}`;
  const waiting =
    pending.length === 0
      ? []
      : [
          "",
          `${count(pending.length)} pending:`,
          ...pending.slice(0, 20).map((name) => `  ${name}`),
          ...(pending.length > 20 ? [`  … and ${pending.length - 20} more`] : []),
        ];
  return page([
    ...(server === null ? [] : [style.dim(serverText(server))]),
    done,
    ...runs.flatMap((run) => ["", ...runLines(run, style)]),
    ...waiting,
    ...nextLines(next, style),
  ]);
}

export function verifyText({ run, ok, checks, next }: VerifyResult, style: Style): string {
  const lines = checks.flatMap(({ title, object, rows, bad }) => [
    [
      bad.length === 0 ? style.green(style.symbols.good) : style.red(style.symbols.bad),
      oneLine(title),
      // Most titles name their object.
      ...(title.includes(object) ? [] : [style.dim(oneLine(object))]),
      ...(rows === null ? [] : [style.dim(`(about ${plural(rows, "row")})`)]),
    ].join(" "),
    ...indented(
      bad.map(({ key, problem }) =>
        [key, problem]
          .filter((text) => text !== "")
          .map(oneLine)
          .join(": "),
      ),
      4,
    ),
  ]);
  const verdict =
    run !== null
      ? ok
        ? style.green("Old and new values agree.")
        : style.red("Old and new values do not agree.")
      : checks.length === 0
        ? "No run is open, so there is nothing to verify."
        : ok
          ? style.green("Nobody has changed the schema since.")
          : style.red("Somebody has changed the schema since, and not by a migration.");
  return page([...lines, verdict, ...nextLines(next, style)]);
}

export function historyText({ entries, events }: HistoryResult, style: Style): string {
  if (events.length > 0) return page(columns(events.map(({ at, event, step, message }) => [style.dim(at), event, step ?? "", oneLine(message)])));
  if (entries.length === 0) return "Nothing has been applied here.\n";
  return page(
    columns(
      entries.map(({ migration, run, state, startedAt, finishedAt, by }) => [
        style.dim(finishedAt ?? startedAt),
        migration,
        stateText(state, style),
        style.dim(`run ${run} by ${oneLine(by)}`),
      ]),
    ),
  );
}

export function doctorText({ server, ok, checks }: DoctorResult, style: Style): string {
  const marks = { good: style.green(style.symbols.good), warn: style.yellow(style.symbols.warn), bad: style.red(style.symbols.bad) };
  const lines = checks.flatMap(({ title, state, message, fix }) => [
    `${marks[state]} ${oneLine(title)}: ${oneLine(message)}`,
    ...(fix === null ? [] : [`  ${style.dim("do:")} ${oneLine(fix)}`]),
  ]);
  return page([
    ...(server === null ? [] : [style.dim(serverText(server))]),
    ...lines,
    ok ? "Everything that a run needs is there." : style.red("A run would fail here."),
  ]);
}

/** Files that were made, or a demo's scenes: a mark and a text each. */
export const markedText = (lines: readonly { readonly ok: boolean; readonly text: string }[], next: NextCommand | null, style: Style): string =>
  page([...lines.map(({ ok, text }) => `${ok ? style.green(style.symbols.good) : style.red(style.symbols.bad)} ${text}`), ...nextLines(next, style)]);

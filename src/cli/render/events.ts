// What happens while a command works, one line for each change of state.
import type { RunEvent } from "../../app/contract.ts";
import { plural } from "../../plural.ts";
import { findingLines } from "./finding.ts";
import { clean, oneLine } from "./layout.ts";
import { time } from "./numbers.ts";
import { progressText, stateText, stepText, waitingText } from "./run.ts";
import type { Style } from "./style.ts";

function stepLine({ step, state, ms, rows, message }: Extract<RunEvent, { event: "step" }>, style: Style): string {
  const facts = [rows === null ? "" : plural(rows, "row"), ms === null ? "" : time(ms)].filter((text) => text !== "").join(", ");
  const said = message === null ? "" : `: ${oneLine(message)}`;
  const text = `${step.id}  ${stepText(step)}`;
  if (state === "begun") return style.dim(`${style.symbols.arrow} ${text}${said}`);
  if (state === "failed") return style.red(`${style.symbols.bad} ${text}${said}`);
  return `${style.green(style.symbols.good)} ${text}${said}${facts === "" ? "" : ` ${style.dim(`(${facts})`)}`}`;
}

/** The lines of an event; those of progress and waiting are worth showing now and then only. */
export function eventLines(event: RunEvent, style: Style): readonly string[] {
  switch (event.event) {
    case "opened":
      return [`${style.bold(event.migrations.map(oneLine).join(", "))} ${style.dim(`run ${event.run ?? "?"}`)}`];
    case "resumed":
      return [`${style.bold(event.migrations.map(oneLine).join(", "))} ${style.dim(`run ${event.run ?? "?"}`)} goes on: ${oneLine(event.message)}`];
    case "phase": {
      const way = event.direction === "back" ? " (back)" : "";
      return [event.state === "begun" ? style.cyan(`${event.phase}${way}`) : `${style.cyan(`${event.phase}${way}`)} done`];
    }
    case "step":
      return [stepLine(event, style)];
    case "progress":
      return [`${event.step.id}  ${progressText(event.progress, style)}`];
    case "waiting":
      return [style.yellow(`${event.step === null ? "" : `${event.step.id}  `}${waitingText(event.waiting)}`)];
    case "ready":
      return [style.green("ready: code that uses the new shape may be deployed")];
    case "finding":
      // In full, before anything is done: the result of a run that fails later says nothing of it.
      return findingLines([event.finding], style);
    case "note":
      return clean(event.message).split("\n");
    case "ended":
      return [`run ${event.run ?? "?"}: ${stateText(event.state, style)}`];
  }
}

// stdout: a text for people, one JSON document, or a stream of them.
import type { ErrorView, RunEvent } from "../app/contract.ts";
import type { GlobalOptions } from "./arguments.ts";
import type { AnyCommand } from "./command.ts";
import type { Style } from "./render/style.ts";

export interface Output {
  event(event: RunEvent): void;
  /** A result that is not the last one. */
  between(result: object): void;
  result(result: object): void;
  failure(error: ErrorView): void;
}

export interface OutputOptions {
  readonly format: GlobalOptions["format"];
  readonly write: (text: string) => void;
  readonly style: Style;
  /** Whether stdout is a terminal that can be painted over. */
  readonly repaints: boolean;
}

const clearScreen = "\u001b[H\u001b[2J";

function textOutput(command: AnyCommand, { write, style, repaints }: OutputOptions): Output {
  let last = "";
  const show = (result: object): void => {
    const text = command.text(result, style);
    // A watched state is printed again only where it changed.
    if (text !== last) write(last !== "" && repaints ? clearScreen + text : text);
    last = text;
  };
  return { event() {}, between: show, result: show, failure() {} };
}

/** On failure the document keeps its shape, so that a program reads one kind only. */
export function createOutput(command: AnyCommand, options: OutputOptions): Output {
  const { format, write } = options;
  if (format === "text") return textOutput(command, options);
  const failed = (error: ErrorView): object => ({ ...(command.empty as object), error });
  if (format === "json") {
    const document = (value: object): void => write(`${JSON.stringify(value, null, 2)}\n`);
    return { event() {}, between() {}, result: (result) => document({ ...result, error: null }), failure: (error) => document(failed(error)) };
  }
  const line = (value: object): void => write(`${JSON.stringify(value)}\n`);
  const last = (value: object): void => line({ at: new Date().toISOString(), event: "result", ...value });
  return {
    event: line,
    between: (result) => line({ at: new Date().toISOString(), event: command.name, ...result }),
    result: (result) => last({ ...result, error: null }),
    failure: (error) => last(failed(error)),
  };
}

// A failure as people and as programs read it.
import type { ErrorView } from "../../app/contract.ts";
import { Problem } from "../../problem.ts";
import { clean, oneLine } from "./layout.ts";
import type { Style } from "./style.ts";

/** What everybody gets to see of something that was thrown; what is no Problem is a defect of ours. */
export function errorView(error: unknown): ErrorView {
  if (error instanceof Problem) {
    const { code, message, hint, subject, done, details } = error;
    return { code, message, hint: hint ?? null, subject: subject ?? null, done: done ?? null, details: details ?? null };
  }
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  return {
    code: "defect",
    message: `Hotstick met an error of its own: ${message}`,
    hint: "Run `hotstick status` to see where the database stands. Then report this, with the lines below.",
    subject: null,
    done: null,
    details: { stack: stack ?? null },
  };
}

const isStack = (details: unknown): details is { readonly stack: string } =>
  typeof details === "object" && details !== null && typeof (details as { stack?: unknown }).stack === "string";

/** What, which object, what is already done, and what to do next. */
export function errorText(error: ErrorView, style: Style): string {
  const fact = (name: string, text: string | null): readonly string[] => (text === null ? [] : [`  ${style.dim(name.padEnd(5))} ${text}`]);
  const lines = [
    `${style.red(style.bold(`error ${error.code}`))}: ${clean(error.message)}`,
    ...fact("about", error.subject && oneLine(`${error.subject.kind} ${error.subject.name}`)),
    ...fact("done", error.done && oneLine(error.done)),
    ...fact("next", error.hint && clean(error.hint)),
    ...(error.code === "defect" && isStack(error.details) ? ["", style.dim(clean(error.details.stack))] : []),
  ];
  return `${lines.join("\n")}\n`;
}

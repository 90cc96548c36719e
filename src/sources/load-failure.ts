// What went wrong while a user's file was evaluated, with the line it happened in.
import { readFileSync } from "node:fs";
import { Problem } from "../problem.ts";
import { excerpt } from "../syntax/position.ts";

/** Where in the file an error arose: parsers say it in the message, thrown errors in the stack. */
function place(file: string, error: Error): { readonly line: number; readonly column: number } | null {
  const path = file.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const match = new RegExp(`${path}(?:\\?[^:)]*)?:(\\d+)(?::(\\d+))?`).exec(`${error.message}\n${error.stack ?? ""}`);
  return match ? { line: Number(match[1]), column: Number(match[2] ?? 1) } : null;
}

const read = (file: string): string => {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
};

/** Problem `file-load`; who asked for the file gives it a code of its own. */
export function loadFailure(file: string, cause: unknown): Problem {
  const error = cause instanceof Error ? cause : new Error(String(cause));
  const at = place(file, error);
  const what = (error.message.split("\n")[0] ?? "").trim() || error.name;
  const text = read(file);
  const lineStart = at === null ? 0 : text.split("\n", at.line - 1).reduce((sum, line) => sum + line.length + 1, 0);
  return new Problem({
    code: "file-load",
    message:
      at === null
        ? `${file} cannot be loaded: ${what}`
        : `${file}:${at.line}:${at.column} cannot be loaded: ${what}\n${excerpt(text, lineStart + at.column - 1)}`,
    hint: "Correct the file and run the command again; nothing was changed.",
    subject: { kind: "file", name: file },
    cause,
  });
}

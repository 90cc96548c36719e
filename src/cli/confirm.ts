// Asks before something is destroyed; without a terminal there is nobody to ask, and what is dropped is archived anyway.
import type { Confirmation } from "../app/contract.ts";
import type { Io } from "./io.ts";

/** @param before called before the question is written, to clear the live block. */
export function createConfirm(io: Pick<Io, "stdin" | "stderr">, yes: boolean, before: () => void): (question: Confirmation) => Promise<boolean> {
  return async ({ title, details }) => {
    if (yes || !io.stdin.isTTY || !io.stderr.isTTY) return true;
    before();
    const prompts = await import("@clack/prompts");
    const answer = await prompts.confirm({
      message: [title, ...details.map((line) => `  ${line}`)].join("\n"),
      initialValue: false,
      output: process.stderr,
    });
    return answer === true;
  };
}

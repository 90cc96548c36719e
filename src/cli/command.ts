// What a command is: its words, the use case it calls, and how its result is shown. One file each in commands/.
import type { AppContext, Paused, RunResult, UseCases } from "../app/contract.ts";
import { Problem } from "../problem.ts";
import type { Picture } from "./progress.ts";
import type { Style } from "./render/style.ts";

export interface Argument {
  /** `[migration...]`, `<title>`: optional in brackets, several with dots. */
  readonly name: string;
  readonly summary: string;
}

export interface Option {
  /** `--to <phase>`, `--check`. */
  readonly flags: string;
  readonly summary: string;
  readonly choices?: readonly string[];
}

/** What was typed, by name. */
export interface Arguments {
  readonly positionals: readonly string[];
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
}

/** Gives a use case, loaded only now: a command pays for what it uses. */
export type LoadUseCase = <Name extends keyof UseCases>(name: Name) => Promise<UseCases[Name]>;

/** What a command has at hand besides its context. */
export interface Hands<Result> {
  readonly useCase: LoadUseCase;
  /** Shows a result that is not the last one (`--watch`). */
  readonly publish: (result: Result) => void;
  /** Shows a line on stderr that stays. */
  readonly say: (line: string) => void;
  /** Shows a picture of the command's own in place of its run's live block. */
  readonly draw: (picture: Picture) => void;
  /** Of stderr. */
  readonly style: Style;
}

export interface Command<Result> {
  readonly name: string;
  readonly summary: string;
  readonly arguments: readonly Argument[];
  readonly options: readonly Option[];
  /** What Ctrl-C does first: `pause` leaves a run safely, `stop` ends a command that changes nothing. */
  readonly interrupt: "pause" | "stop";
  /** The shape of the JSON document where the command fails. */
  readonly empty: Result;
  run(context: AppContext, args: Arguments, hands: Hands<Result>): Promise<Result>;
  /** For stdout; empty where there is nothing to show. */
  text(result: Result, style: Style): string;
  /** The exit code of a result that is no failure; absent: 0. */
  exit?(result: Result, args: Arguments): 0 | 1 | 2 | 3;
}

/** A command in a list with others; its result is its own business. */
// biome-ignore lint/suspicious/noExplicitAny: a list of commands with different results has no narrower type
export type AnyCommand = Command<any>;

export const flag = (args: Arguments, name: string): boolean => args.options[name] === true;

/** The option as `{ name: value }`, or nothing, for optional properties. */
export function given<Name extends string>(args: Arguments, name: Name): { readonly [K in Name]?: string } {
  const value = args.options[name];
  return typeof value === "string" ? ({ [name]: value } as { [K in Name]?: string }) : {};
}

/** The first argument as `{ name: value }`, or nothing. */
export const first = <Name extends string>(args: Arguments, name: Name): { readonly [K in Name]?: string } =>
  args.positionals[0] === undefined ? {} : ({ [name]: args.positionals[0] } as { [K in Name]?: string });

/**
 * An option that is a number.
 * @throws Problem `bad-usage`.
 */
export function numberOf(args: Arguments, name: string, fallback: number): number {
  const value = args.options[name];
  if (value === undefined) return fallback;
  const number = Number(value);
  if (Number.isInteger(number) && number >= 1) return number;
  throw new Problem({
    code: "bad-usage",
    message: `--${name} must be a whole number from 1, not "${String(value)}".`,
    hint: "Correct it and run the command again; nothing was changed.",
  });
}

/** Where a result says that its command left before the goal. */
export const pausedOf = (result: unknown): Paused | null => (result as Partial<RunResult>).paused ?? null;

export const runArgument: Argument = { name: "[run]", summary: "a migration of the run, or its id; needed where several runs are open" };

/** What somebody who knows better may say. */
export const oldCodeIsGone: Option = { flags: "--old-code-is-gone", summary: "end the old shape though old code is still seen" };
export const acceptDrift: Option = { flags: "--accept-drift", summary: "go on though somebody else changed the run's tables meanwhile" };

/** These options as the use cases take them. */
export const accepted = (args: Arguments): { readonly acceptOldUsers?: boolean; readonly acceptDrift?: boolean } => ({
  ...(flag(args, "oldCodeIsGone") ? { acceptOldUsers: true } : {}),
  ...(flag(args, "acceptDrift") ? { acceptDrift: true } : {}),
});

export const nothingRun: RunResult = { run: null, findings: [], paused: null, next: null };

// The command line → a command and what was typed for it, or a text to show. commander does the reading.
import { type Command as Commander, CommanderError, Option, program } from "commander";
import type { Flags } from "../app/contract.ts";
import { Problem } from "../problem.ts";
import type { AnyCommand, Arguments } from "./command.ts";

/** What every command takes. */
export interface GlobalOptions {
  readonly flags: Flags;
  readonly format: "text" | "json" | "ndjson";
  readonly yes: boolean;
  /** Undefined where nothing was said. */
  readonly colour: false | undefined;
}

export type Parsed =
  | { readonly kind: "command"; readonly command: AnyCommand; readonly args: Arguments; readonly globals: GlobalOptions }
  /** Help or the version, for stdout. */
  | { readonly kind: "text"; readonly text: string };

const globalOptions = (): readonly Option[] => [
  new Option("--url <url>", "the database (or DATABASE_URL, HOTSTICK_URL)"),
  new Option("--env <name>", "an environment of the configuration file (or HOTSTICK_ENV)"),
  new Option("--config <file>", "the configuration file"),
  new Option("--migrations <folder>", "the migrations folder (./migrations)"),
  new Option("--lock-budget <time>", "longest wait of an application behind us (200ms)"),
  new Option("--max-time <time>", "pause safely after this time (10m)"),
  new Option("--json", "print one JSON document").conflicts("ndjson"),
  new Option("--ndjson", "print events as they happen, one JSON document a line"),
  new Option("--yes", "ask nothing"),
  new Option("--no-color", "print no colours (or NO_COLOR)"),
];

const isText = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

function readGlobals(options: Readonly<Record<string, unknown>>): GlobalOptions {
  const { url, env, config, migrations, lockBudget, maxTime } = options;
  return {
    flags: {
      url: isText(url),
      env: isText(env),
      config: isText(config),
      migrations: isText(migrations),
      lockBudget: isText(lockBudget),
      maxTime: isText(maxTime),
    },
    format: options["json"] === true ? "json" : options["ndjson"] === true ? "ndjson" : "text",
    yes: options["yes"] === true,
    colour: options["color"] === false ? false : undefined,
  };
}

function define(parent: Commander, command: AnyCommand, chosen: (parsed: Parsed) => void): void {
  const sub = parent.command(command.name).description(command.summary);
  for (const { name, summary } of command.arguments) sub.argument(name, summary);
  for (const { flags, summary, choices } of command.options) sub.addOption(choices ? new Option(flags, summary).choices(choices) : new Option(flags, summary));
  for (const option of globalOptions()) sub.addOption(option.helpGroup("Options of every command:"));
  sub.action(function (this: Commander) {
    const options = this.opts();
    chosen({ kind: "command", command, args: { positionals: this.args, options }, globals: readGlobals(options) });
  });
}

const usage = (error: CommanderError): Problem => {
  const [message = "", ...more] = error.message.replace(/^error: /, "").split("\n");
  return new Problem({ code: "bad-usage", message: [message, ...more].join(" ").trim(), hint: "See `hotstick --help`, or `hotstick COMMAND --help`." });
};

/**
 * Reads the arguments after `hotstick`.
 * @throws Problem `bad-usage`.
 */
export function parseArguments(argv: readonly string[], commands: readonly AnyCommand[], version: string): Parsed {
  let parsed: Parsed | null = null;
  let written = "";
  const write = (text: string): void => {
    written += text;
  };
  const root = program.createCommand("hotstick");
  root
    .description("Change your database with the power still on.")
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print help")
    .helpCommand(false)
    .exitOverride()
    .configureOutput({ writeOut: write, writeErr: () => {}, outputError: () => {} });
  for (const command of commands) define(root, command, (choice) => (parsed = choice));
  if (argv.length === 0) return { kind: "text", text: root.helpInformation() };
  try {
    root.parse(argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) throw usage(error);
    return { kind: "text", text: written };
  }
  if (parsed === null) throw new Problem({ code: "bad-usage", message: "No command was given.", hint: "See `hotstick --help`." });
  return parsed;
}

/** The format asked for, where the arguments could not be read: a program that wanted JSON gets JSON. */
export const formatOf = (argv: readonly string[]): GlobalOptions["format"] =>
  argv.includes("--json") ? "json" : argv.includes("--ndjson") ? "ndjson" : "text";

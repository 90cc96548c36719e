// Runs one command line: arguments in, use case called, stdout, stderr and an exit code out.
import { openContext } from "../app/context.ts";
import { Problem } from "../problem.ts";
import { formatOf, type GlobalOptions, type Parsed, parseArguments } from "./arguments.ts";
import { type LoadUseCase, pausedOf } from "./command.ts";
import { commands } from "./commands/index.ts";
import { createConfirm } from "./confirm.ts";
import { type Interrupts, watchInterrupts } from "./interrupt.ts";
import { type Io, lasting, type Stream } from "./io.ts";
import { createOutput, type Output } from "./output.ts";
import { lineReporter, liveReporter, type Reporter } from "./progress.ts";
import { errorText, errorView } from "./render/error.ts";
import { createStyle, type Style, wantedSymbols, wantsColour, wantsLive } from "./render/style.ts";

type Chosen = Extract<Parsed, { kind: "command" }>;

const clock = {
  now: () => Date.now(),
  every(ms: number, call: () => void) {
    const timer = setInterval(call, ms).unref();
    return () => clearInterval(timer);
  },
};

function styleOf(stream: Stream, io: Io, colour: GlobalOptions["colour"]): Style {
  const terminal = { isTTY: stream.isTTY === true, env: io.env };
  return createStyle({ colour: colour ?? wantsColour(terminal), symbols: wantedSymbols(io.env) });
}

function createReporter(io: Io, write: (text: string) => void, style: Style, format: GlobalOptions["format"]): Reporter {
  const screen = { write, columns: () => io.stderr.columns || 80 };
  const live = format !== "ndjson" && wantsLive({ isTTY: io.stderr.isTTY === true, env: io.env });
  const reporter = live ? liveReporter(screen, style, clock) : lineReporter(screen, style, clock);
  // Events go to stdout then, and only there.
  return format === "ndjson" ? { ...reporter, report() {} } : reporter;
}

/** The parts that one command works with. */
interface Parts {
  readonly chosen: Chosen;
  readonly io: Io;
  readonly reporter: Reporter;
  /** Of stderr. */
  readonly style: Style;
  readonly output: Output;
  readonly interrupts: Interrupts;
  readonly loadUseCase: LoadUseCase;
}

async function call({ chosen, io, reporter, style, output, interrupts, loadUseCase }: Parts): Promise<number> {
  const { command, args, globals } = chosen;
  const context = await openContext({
    flags: globals.flags,
    env: io.env,
    cwd: io.cwd,
    version: io.version,
    pause: interrupts.pause,
    abort: interrupts.abort,
    confirm: createConfirm(io, globals.yes, () => reporter.hide()),
    report(event) {
      reporter.report(event);
      output.event(event);
    },
  });
  interrupts.limit(context.config.maxTimeMs);
  const { say, draw } = reporter;
  const result = (await command.run(context, args, { useCase: loadUseCase, publish: (each: object) => output.between(each), say, draw, style })) as object;
  reporter.close();
  output.result(result);
  // A run may reach its end in spite of Ctrl-C; a command that was ended by it did not.
  if (pausedOf(result) !== null || (command.interrupt === "stop" && interrupts.abort.aborted)) return 130;
  return command.exit?.(result, args) ?? 0;
}

async function runCommand(chosen: Chosen, io: Io, loadUseCase: LoadUseCase): Promise<number> {
  const { command, globals } = chosen;
  const late: { hangUp: () => void } = { hangUp() {} };
  const toStderr = lasting(io.stderr, () => late.hangUp());
  const toStdout = lasting(io.stdout, () => late.hangUp());
  const style = styleOf(io.stderr, io, globals.colour);
  const reporter = createReporter(io, toStderr, style, globals.format);
  const output = createOutput(command, {
    format: globals.format,
    write: toStdout,
    style: styleOf(io.stdout, io, globals.colour),
    repaints: wantsLive({ isTTY: io.stdout.isTTY === true, env: io.env }),
  });
  const interrupts = watchInterrupts(io, command.interrupt, (line) => reporter.say(line));
  late.hangUp = () => interrupts.pauseFor("hangup");
  try {
    return await call({ chosen, io, reporter, style, output, interrupts, loadUseCase });
  } catch (error) {
    reporter.close();
    const view = errorView(error);
    output.failure(view);
    toStderr(errorText(view, style));
    // What was aborted fails in its own words; the person who aborted it knows why.
    if (interrupts.abort.aborted) return 130;
    return error instanceof Problem ? error.exit : 1;
  }
}

/** Arguments that could not be read, said in the format that was asked for. */
function refuse(error: unknown, argv: readonly string[], io: Io): number {
  const view = errorView(error);
  if (formatOf(argv) !== "text") io.stdout.write(`${JSON.stringify({ error: view })}\n`);
  io.stderr.write(errorText(view, styleOf(io.stderr, io, undefined)));
  return 1;
}

/** Runs `hotstick` with these arguments; the result is the exit code. */
export async function run(argv: readonly string[], io: Io, loadUseCase: LoadUseCase): Promise<number> {
  let parsed: Parsed;
  try {
    parsed = parseArguments(argv, commands, io.version);
  } catch (error) {
    return refuse(error, argv, io);
  }
  if (parsed.kind === "command") return await runCommand(parsed, io, loadUseCase);
  lasting(io.stdout, () => {})(parsed.text);
  return 0;
}

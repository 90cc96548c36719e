import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { AppContext, UseCases } from "../app/contract.ts";
import { Problem } from "../problem.ts";
import { commands } from "./commands/index.ts";
import type { Io, Signal } from "./io.ts";
import { event, rail, run as sampleRun } from "./render/samples.ts";
import { run } from "./run.ts";

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "hotstick-cli-"));
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(cwd, { recursive: true });
});

function stream() {
  const listeners: ((error: Error) => void)[] = [];
  return {
    text: "",
    write: (_text: string): void => {},
    on: (_: "error", listener: (error: Error) => void) => listeners.push(listener),
    breakPipe: () => listeners.forEach((listener) => listener(new Error("EPIPE"))),
  };
}

/** A process that nothing outside sees. */
function fake(env: Record<string, string> = {}) {
  const [stdout, stderr] = [stream(), stream()];
  for (const each of [stdout, stderr])
    each.write = (text) => {
      each.text += text;
    };
  const signals = new Map<Signal, () => void>();
  const exit = vi.fn();
  const io: Io = { stdin: {}, stdout, stderr, env, cwd, version: "1.2.3", onSignal: (signal, listener) => signals.set(signal, listener), exit };
  return { io, stdout, stderr, exit, signal: (name: Signal) => signals.get(name)?.() };
}

type Fakes = { readonly [Name in keyof UseCases]?: (context: AppContext, options: never) => Promise<unknown> };
const hotstick = (line: string, fakes: Fakes, process = fake()) =>
  run(
    line.split(" ").filter((word) => word !== ""),
    process.io,
    async (name) => (fakes[name] ?? (() => Promise.reject(new Error(`${name} was called`)))) as never,
  );

const nothing = { run: null, findings: [], paused: null, next: null };
const upResult = { ...nothing, applied: ["a", "b"], pending: [] };

test("a result is text on stdout, progress lines on stderr", async () => {
  const process = fake();
  const up = async (context: AppContext) => {
    context.report(event({ event: "opened", migrations: ["a", "b"], rail }));
    return upResult;
  };
  expect(await hotstick("up", { up }, process)).toBe(0);
  expect(process.stdout.text).toBe("✓ 2 migrations applied:\n  a\n  b\n");
  expect(process.stderr.text).toBe("a, b run 12\n");
});

test("options and arguments reach the use case, flags its configuration", async () => {
  const start = vi.fn(async () => nothing);
  await hotstick("start a b --url postgres://h/d --lock-budget 1s", { start });
  expect(start).toHaveBeenCalledWith(
    expect.objectContaining({ config: expect.objectContaining({ url: "postgres://h/d", lockBudgetMs: 1000 }), version: "1.2.3" }),
    { migrations: ["a", "b"] },
  );
  const rollback = vi.fn(async () => nothing);
  await hotstick("rollback 12 --to expand", { rollback });
  expect(rollback).toHaveBeenCalledWith(expect.anything(), { run: "12", to: "expand" });
});

test("--json prints one document, with error: null", async () => {
  const process = fake();
  expect(await hotstick("up --json", { up: async () => upResult }, process)).toBe(0);
  expect(JSON.parse(process.stdout.text)).toEqual({ ...upResult, error: null });
});

const busy = new Problem({
  code: "lock-busy",
  message: "The lock was not to be had.",
  hint: "Run `hotstick resume`.",
  subject: { kind: "table", name: "app.users" },
  done: "expand",
  exit: 5,
  details: { blockers: [] },
});

test("a failure keeps the shape of the document, its exit code, and is text on stderr", async () => {
  const process = fake();
  expect(await hotstick("up --json", { up: () => Promise.reject(busy) }, process)).toBe(5);
  expect(JSON.parse(process.stdout.text)).toEqual({
    ...nothing,
    applied: [],
    pending: [],
    error: { code: "lock-busy", message: busy.message, hint: busy.hint, subject: busy.subject, done: "expand", details: { blockers: [] } },
  });
  expect(process.stderr.text).toBe("error lock-busy: The lock was not to be had.\n  about table app.users\n  done  expand\n  next  Run `hotstick resume`.\n");
});

test("a defect of ours is said to be one", async () => {
  const process = fake();
  expect(await hotstick("up --json", { up: () => Promise.reject(new TypeError("oops")) }, process)).toBe(1);
  expect(JSON.parse(process.stdout.text).error).toMatchObject({ code: "defect", details: { stack: expect.stringContaining("TypeError: oops") } });
  expect(process.stderr.text).toContain("TypeError: oops");
});

test("--ndjson prints each event and the result on a line of its own", async () => {
  const process = fake();
  const told = event({ event: "ready" });
  const start = async (context: AppContext) => {
    context.report(told);
    return nothing;
  };
  await hotstick("start --ndjson", { start }, process);
  const lines = process.stdout.text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);
  expect(lines).toEqual([told, { at: expect.any(String), event: "result", ...nothing, error: null }]);
  expect(process.stderr.text).toBe("");
});

test.each([
  ["up --check", { up: async () => ({ ...upResult, pending: ["c"] }) }, 2],
  ["up --check", { up: async () => upResult }, 0],
  ["up", { up: async () => ({ ...upResult, pending: ["c"] }) }, 0],
  ["verify", { verify: async () => ({ run: null, ok: false, checks: [], next: null }) }, 3],
  ["doctor", { doctor: async () => ({ server: null, ok: false, checks: [] }) }, 1],
  ["resume", { resume: async () => ({ ...nothing, paused: { reason: "asked", resume: "hotstick resume" } }) }, 130],
  ["up nonsense", {}, 1],
  ["", {}, 0],
])("`hotstick %s` exits as documented", async (line, fakes: Fakes, code) => expect(await hotstick(line, fakes)).toBe(code));

test("plan exits 3 where something refuses that is not accepted", async () => {
  const finding = { rule: "data-loss", severity: "refuse", subject: { kind: "column", name: "c" }, message: "m", acceptable: true };
  const plan = (accept: string[]) => async () => ({
    server: null,
    pending: ["a"],
    plan: { migrations: [{ name: "a", accept }], steps: [], findings: [finding], mode: "phased", hash: "h" },
    lockBudgetMs: 200,
    next: null,
  });
  expect(await hotstick("plan", { plan: plan([]) })).toBe(3);
  expect(await hotstick("plan", { plan: plan(["data-loss"]) })).toBe(0);
});

test("bad arguments are a JSON document too, where one was asked for", async () => {
  const process = fake();
  expect(await hotstick("up --json --to", {}, process)).toBe(1);
  expect(JSON.parse(process.stdout.text)).toMatchObject({ error: { code: "bad-usage" } });
});

test("a bad configuration is refused before the use case is called", async () => {
  writeFileSync(join(cwd, "hotstick.config.json"), '{ "lockBuget": 1 }');
  const process = fake();
  expect(await hotstick("up", {}, process)).toBe(1);
  expect(process.stderr.text).toContain('Did you mean "lockBudget"?');
});

/** A run that goes on until it is asked to leave. */
async function untilAsked(context: AppContext, asked: AbortSignal): Promise<object> {
  if (!asked.aborted) await new Promise((resolve) => asked.addEventListener("abort", resolve));
  return { ...upResult, run: sampleRun, paused: { reason: context.pause.reason, resume: "hotstick resume" } };
}

test("the first Ctrl-C pauses, and says how to go on", async () => {
  const process = fake();
  const ended = hotstick("up", { up: (context) => untilAsked(context, context.pause) }, process);
  await vi.waitFor(() => process.signal("SIGINT"));
  expect(await ended).toBe(130);
  expect(process.stderr.text).toContain("Pausing safely");
  expect(process.stdout.text).toContain("Paused safely. Go on with: hotstick resume");
});

test("the second aborts, the third leaves at once", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  const process = fake();
  let begun = () => {};
  const running = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const up = (context: AppContext) => {
    begun();
    return untilAsked(context, context.abort).then(() => Promise.reject(new Error("cancelled")));
  };
  const ended = hotstick("up", { up }, process);
  await running;
  process.signal("SIGINT");
  process.signal("SIGTERM");
  expect(await ended).toBe(130);
  expect(process.exit).not.toHaveBeenCalled();
  process.signal("SIGINT");
  expect(process.exit).toHaveBeenCalledWith(130);
});

test("a command that changes nothing ends at the first Ctrl-C", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  const process = fake();
  let begun = () => {};
  const running = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const plan = () => {
    begun();
    return new Promise(() => {});
  };
  void hotstick("plan", { plan }, process);
  await running;
  process.signal("SIGINT");
  vi.advanceTimersByTime(1000);
  expect(process.exit).toHaveBeenCalledWith(130);
  expect(process.stderr.text).toBe("");
});

test.each(["SIGHUP", "EPIPE"] as const)("%s pauses safely, and nothing more is written to what is closed", async (how) => {
  const process = fake();
  const reason = vi.fn();
  const up = (context: AppContext) => {
    queueMicrotask(() => (how === "SIGHUP" ? process.signal("SIGHUP") : process.stderr.breakPipe()));
    return untilAsked(context, context.pause).then((result) => {
      reason(context.pause.reason);
      context.report(event({ event: "note", message: "late" }));
      return result;
    });
  };
  expect(await hotstick("up", { up }, process)).toBe(130);
  expect(reason).toHaveBeenCalledWith("hangup");
  expect(process.stderr.text).toBe(how === "SIGHUP" ? "late\n" : "");
});

test("the time limit pauses safely", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  const process = fake();
  const up = (context: AppContext) => {
    queueMicrotask(() => queueMicrotask(() => vi.advanceTimersByTime(60_000)));
    return untilAsked(context, context.pause);
  };
  const ended = hotstick("up --max-time 1m", { up }, process);
  expect(await ended).toBe(130);
  expect(process.stderr.text).toContain("time limit");
});

test("--watch prints a state where it changed", async () => {
  const process = fake();
  const state = (applied: number) => ({ server: null, runs: [], applied, last: null, pending: [], next: null });
  const status = async (_: AppContext, options: { watch?: (state: unknown) => void }) => {
    for (const applied of [1, 1, 2]) options.watch?.(state(applied));
    return state(2);
  };
  expect(await hotstick("status --watch", { status }, process)).toBe(0);
  expect(process.stdout.text).toBe("1 migration applied\n2 migrations applied\n");
});

test.each(commands.map((command) => [command.name, command] as const))("%s says what it is in one line, and its failure has a shape", (_, command) => {
  expect(command.summary).toMatch(/^[a-z].{10,90}[^.]$/);
  expect(JSON.parse(JSON.stringify(command.empty))).toEqual(command.empty);
});

test("colours: NO_COLOR, FORCE_COLOR, --no-color", async () => {
  const fail = { up: () => Promise.reject(busy) };
  for (const [line, env, colour] of [
    ["up", {}, false],
    ["up", { FORCE_COLOR: "1" }, true],
    ["up", { FORCE_COLOR: "1", NO_COLOR: "1" }, true],
    ["up --no-color", { FORCE_COLOR: "1" }, false],
  ] as const) {
    const process = fake(env);
    await hotstick(line, fail, process);
    expect(process.stderr.text.includes("\u001b[31m")).toBe(colour);
  }
});

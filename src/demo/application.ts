// An application in a process of its own: it sends requests at a steady rate, remembers what it wrote, and tells how it fares.
// Started by applications.ts with its options as the only argument; it knows nothing of Hotstick.
import { engineNamed } from "./engines.ts";
import { judgeReading } from "./judge.ts";
import { Ledger } from "./ledger.ts";
import type { ApplicationOptions, Order, Report } from "./messages.ts";
import { seeded } from "./random.ts";
import { type Request, Traffic } from "./traffic.ts";

const options = JSON.parse(process.argv[2] ?? "{}") as ApplicationOptions;
const traffic = new Traffic(options);
const ledger = new Ledger();
const connections = await engineNamed(options.engine).connect(options);

/** The machine's clock, so that both processes mean the same moment, at a finer grain than Date. */
const now = (): number => performance.timeOrigin + performance.now();
/** Resolves when the report is on its way; what has not left a process by its end is lost. */
const tell = (report: Report): Promise<void> => new Promise((resolve) => void process.send?.(report, undefined, undefined, () => resolve()));

const underWay = new Set<number>();
let times: number[] = [];
let messages: string[] = [];
let failed = 0;
let wrong = 0;

function note(problem: string | null): void {
  if (problem === null) return;
  wrong += 1;
  if (messages.length < 5) messages.push(problem);
}

async function send(request: Request): Promise<void> {
  if (request.kind === "read") {
    const { id } = request;
    const before = ledger.get(id);
    const [row] = await connections.send(request);
    note(judgeReading({ id, row, before, after: ledger.get(id), mayBeGone: traffic.mayBeGone(id), seeded: id <= options.rows }));
    return;
  }
  const [row] = await connections.send(request);
  switch (request.kind) {
    case "update":
      if (row) ledger.note(row.id, { revision: row.revision, value: request.value });
      else if (!traffic.mayBeGone(request.id)) note(`an update found no row ${request.id}`);
      return;
    case "insert":
    case "upsert":
      if (!row) return note(`an ${request.kind} of ${request.email} gave no row`);
      ledger.note(row.id, { revision: row.revision, value: request.value });
      return traffic.made(row.id, request.email);
    case "delete":
      if (!row) note(`a delete found no row ${request.id}`);
      return ledger.note(request.id, { revision: row?.revision ?? 0, value: null });
  }
}

async function serve(request: Request, due: number): Promise<void> {
  underWay.add(due);
  try {
    await send(request);
  } catch (error) {
    failed += 1;
    const { code, message } = error as { code?: string; message?: string };
    if (messages.length < 5) messages.push(`${request.kind}: ${code === undefined ? "" : `${code} `}${message ?? String(error)}`);
  }
  underWay.delete(due);
  times.push(due, now() - due);
}

/** Distances vary as those of real requests do; on average the rate is kept, and what fell behind is made up for. */
const distance = seeded(options.life * 31 + 7);
let due = now();
let timer: NodeJS.Timeout | null = null;
function tick(): void {
  while (due <= now()) {
    void serve(traffic.next(), due);
    due += (1000 / options.rate) * (0.5 + distance());
  }
  timer = setTimeout(tick, due - now());
}

function report(): void {
  const waitingSince = underWay.size === 0 ? null : Math.min(...underWay);
  void tell({ kind: "answers", times, failed, wrong, messages, waitingSince });
  [times, messages, failed, wrong] = [[], [], 0, 0];
}
const reporting = setInterval(report, 100);

async function stop(): Promise<void> {
  if (timer) clearTimeout(timer);
  while (underWay.size > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  clearInterval(reporting);
  report();
  await connections.close();
  await tell({ kind: "known", entries: ledger.entries() });
  process.disconnect();
}

process.on("message", (order: Order) => {
  if (order === "stop") void stop();
  else void tell({ kind: "known", entries: ledger.entries() });
});
// Ctrl-C goes to every process of the terminal; the demo ends its applications itself, and when it dies they go with it.
process.on("SIGINT", () => undefined);
process.on("disconnect", () => process.exit());

await tell({ kind: "ready" });
tick();

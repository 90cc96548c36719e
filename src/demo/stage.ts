// All that takes part in the demo: the database, its two applications, Hotstick, and those who watch them.
import type { PhaseView, RunEvent } from "../app/contract.ts";
import type { SandboxServer } from "../sandbox/sandbox.ts";
import { type Application, startApplication, Tally } from "./applications.ts";
import { checkRows, type Verdict } from "./check.ts";
import type { Engine, Inspector } from "./engine.ts";
import type { Stretch } from "./latency.ts";
import { Ledger } from "./ledger.ts";
import { LockWatch } from "./locks.ts";
import { openProject, type Project, type Ran, type RunOptions } from "./runner.ts";
import type { Side } from "./traffic.ts";

/** Requests a second of each application: a busy table, and no more than two cores bear beside a backfill. */
const rate = 200;
/** More than a steady rate needs; when answers take long, requests queue as they do in a real pool. */
const connections = 10;
const database = "demo";

/** The machine's clock, fine enough for requests, ms. */
export const now = (): number => performance.timeOrigin + performance.now();
export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Which of the table's applications, or the one on the copy for the contrast. */
export type Role = Side | "naive";

export class Stage {
  readonly tallies: Readonly<Record<Role, Tally>> = { old: new Tally(), new: new Tally(), naive: new Tally() };
  /** When commands of Hotstick were under way. */
  readonly stretches: Stretch[] = [];
  command: string | null = null;
  checking = false;
  rail: readonly PhaseView[] = [];
  readonly engine: Engine;
  readonly server: SandboxServer;
  readonly rows: number;
  readonly inspector: Inspector;
  readonly locks: LockWatch;
  private readonly project: Project;
  private readonly ledger = new Ledger();
  private readonly naiveLedger = new Ledger();
  private readonly applications = new Map<Role, Application>();
  private readonly watcher: Inspector;
  private lives = 0;
  private fail: (error: unknown) => void = () => undefined;
  /** Rejects when something ends that should not, such as an application; never resolves. */
  readonly broken = new Promise<never>((_, reject) => {
    this.fail = reject;
  });

  private constructor(engine: Engine, server: SandboxServer, rows: number, project: Project, inspector: Inspector, watcher: Inspector) {
    this.engine = engine;
    this.server = server;
    this.rows = rows;
    this.project = project;
    this.inspector = inspector;
    this.watcher = watcher;
    this.locks = new LockWatch(watcher);
    this.broken.catch(() => undefined);
  }

  /** @param server is ended with the stage. */
  static async set(engine: Engine, server: SandboxServer, rows: number, report: (event: RunEvent) => void): Promise<Stage> {
    await server.createDatabase(database);
    const url = server.url(database);
    await engine.seed(url, rows);
    const inspector = await engine.inspect(url);
    await inspector.run(engine.naive.copy);
    const project = await openProject(url, engine.migration, now, report);
    const stage = new Stage(engine, server, rows, project, inspector, await engine.inspect(url));
    void stage.locks.watch().catch((error: unknown) => stage.fail(error));
    return stage;
  }

  /** Where its configuration and its migration are. */
  get folder(): string {
    return this.project.folder;
  }

  get url(): string {
    return this.server.url(database);
  }

  isAtWork(role: Role): boolean {
    return this.applications.has(role);
  }

  /** Lets an application begin. */
  async enter(role: Role): Promise<void> {
    this.lives += 1;
    const [side, table, ledger]: [Side, string, Ledger] = role === "naive" ? ["old", this.engine.naive.table, this.naiveLedger] : [role, "users", this.ledger];
    const options = {
      engine: this.engine.name,
      url: this.url,
      application: `${role} application`,
      side,
      table,
      connections,
      rate,
      rows: this.rows,
      life: this.lives,
      gone: ledger.gone(),
    };
    const application = await startApplication(options, this.tallies[role]);
    application.failure.catch((error: unknown) => this.fail(error));
    this.applications.set(role, application);
  }

  /** Lets an application answer what it was asked, and leave. */
  async leave(role: Role): Promise<void> {
    const application = this.applications.get(role);
    if (!application) return;
    const entries = await application.stop();
    this.applications.delete(role);
    (role === "naive" ? this.naiveLedger : this.ledger).merge(entries);
  }

  /** Runs a command of Hotstick. @throws Problem `demo-command`. */
  async hotstick(options: RunOptions): Promise<Ran> {
    this.command = `hotstick ${options.args.join(" ")}`;
    const from = now();
    try {
      const ran = await this.project.run(options);
      this.rail = ran.result?.run?.rail ?? this.rail;
      return ran;
    } finally {
      this.stretches.push([from, now()]);
      this.command = null;
    }
  }

  /** The new shape was given up by a rollback: what new code wrote is there as old code sees it. */
  forgetNewShape(): void {
    this.ledger.fold();
  }

  /** Holds every row of the table, or of the copy, against what the applications know. */
  async check(role: "both" | "naive"): Promise<Verdict> {
    const naive = role === "naive";
    const ledger = naive ? this.naiveLedger : this.ledger;
    const table = naive ? this.engine.naive.table : "users";
    const learn = async (): Promise<Ledger> => {
      for (const application of this.applications.values()) ledger.merge(await application.known());
      const copy = new Ledger();
      copy.merge(ledger.entries());
      return copy;
    };
    this.checking = true;
    try {
      return await checkRows({ inspector: this.inspector, table, seeded: this.rows, before: await learn(), after: learn });
    } finally {
      this.checking = false;
    }
  }

  /** Ends everybody at once. @param keep leaves the server and the project. */
  async strike(keep: boolean): Promise<void> {
    this.project.kill();
    if (!keep) this.project.remove();
    for (const application of this.applications.values()) application.kill();
    await this.locks.stop();
    await Promise.all([this.inspector.close(), this.watcher.close()]);
    if (keep) this.server.keep();
    else await this.server.stop("immediate");
  }
}

// What a plan says of each step, and what MariaDB shows of it. Before each step an application's transactions hold every table: one that has
// read, and one that has locked all rows in order to write. Whatever the step waits for is then let go, one after the other: so it is known
// what it wanted. A step that waits for nobody has taken no lock that a reader or a writer would have to wait for.
import type { Connection, RowDataPacket } from "mysql2/promise";
import type { Plan } from "../../src/plan/plan.ts";
import type { Held } from "../../src/run/held.ts";
import { type CarryRequest, carry } from "../../src/run/loop.ts";
import { openRun, reopenRun } from "../../src/run/open.ts";
import type { Tools } from "../../src/run/tools.ts";
import { keyOf } from "../../src/schema/names.ts";
import { type Position, phases } from "../../src/step/phase.ts";
import type { Work } from "../../src/step/step.ts";
import type { MariadbDatabase } from "./mariadb.ts";
import { type LockScale, type Seen, works } from "./predictions.ts";
import { forward, holder, patientTimes, toolsFor, withSession } from "./runs.ts";

/**
 * Of rows that a writer has changed; of a table while nobody writes it, be it a metadata lock or InnoDB's own; and of a table that nobody uses.
 * https://mariadb.com/kb/en/metadata-locking/
 */
const [rows, readOnly, exclusive] = ["locks of rows", "SHARED READ ONLY MDL", "EXCLUSIVE MDL"] as const;

/** Weakest first. A reader and a writer wait for neither of the first two. */
export const mariadbLocks: LockScale = {
  modes: ["SHARED READ MDL", "SHARED WRITE MDL", rows, readOnly, exclusive],
  everyday: "SHARED WRITE MDL",
  strongAbove: "SHARED WRITE MDL",
};

/** As long as a lock takes to go from one to the next on a busy machine, ms. */
const passedOnMs = 100;
/** The server renews what it tells of InnoDB's own locks when nobody has asked for 100 ms. */
const insideMs = 110;

const quote = (name: string): string => `\`${name.replaceAll("`", "``")}\``;
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

interface Table {
  readonly key: string;
  readonly name: string;
  /** Has read. */
  readonly reader: Connection;
  /** Has locked every row, and the table as every writer does. */
  readonly writer: Connection;
}

/** What may have changed of a table by a step's work. */
interface Inside {
  /** By the server's name of the table. */
  readonly tables: ReadonlyMap<string, string>;
  readonly indexes: ReadonlySet<string>;
  /** Rows read since the server began, and how many there are, by `keyOf`. */
  readonly read: ReadonlyMap<string, number>;
}

interface Waiting {
  readonly pid: string;
  /** Where InnoDB's own lock is waited for: on what, and of which table. */
  readonly lock: { readonly isRow: boolean; readonly table: string } | null;
}

class Watch {
  private readonly db: MariadbDatabase;
  private readonly side: Connection;
  /** Of connections that are not the run's. */
  private readonly own = new Set<string>();
  private readonly idle: Connection[] = [];
  private held: Table[] = [];
  private locks = new Map<string, string>();
  private before: Inside | null = null;
  private looking: Promise<void> | null = null;
  private going = false;
  private lockRows = true;

  private constructor(db: MariadbDatabase, side: Connection) {
    this.db = db;
    this.side = side;
  }

  static async on(db: MariadbDatabase): Promise<Watch> {
    const watch = new Watch(db, await db.connect());
    await watch.side.query("install plugin if not exists metadata_lock_info soname 'metadata_lock_info'; set global userstat = 1");
    watch.own.add(await idOf(watch.side));
    return watch;
  }

  private async ask(text: string, values: readonly unknown[] = []): Promise<readonly Record<string, string>[]> {
    const [found] = await this.side.query<RowDataPacket[]>(text, [...values]);
    return found.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name.toLowerCase(), String(value)])));
  }

  private async connection(): Promise<Connection> {
    const kept = this.idle.pop();
    if (kept !== undefined) return kept;
    const made = await this.db.connect();
    this.own.add(await idOf(made));
    return made;
  }

  async begin(): Promise<void> {
    this.locks = new Map();
    this.lockRows = true;
    const names = await this.ask(
      "select table_name as name from information_schema.tables where table_schema = database() and table_type = 'BASE TABLE' order by 1",
    );
    for (const { name = "" } of names) {
      const [reader, writer] = [await this.connection(), await this.connection()];
      await reader.query(`start transaction; select 1 from ${quote(name)} limit 1`);
      await writer.query(`start transaction; select 1 from ${quote(name)} for update`);
      this.held.push({ key: keyOf({ schema: this.db.name, name }), name, reader, writer });
    }
    this.before = await this.inside();
    this.going = true;
    this.looking = this.look();
  }

  /** Batches wait for no row, and try again: writers go on to hold the tables only. */
  freeRows(): void {
    this.lockRows = false;
  }

  async end(): Promise<{ readonly locks: Map<string, string>; readonly work: Work; readonly known: ReadonlySet<string> }> {
    this.going = false;
    await this.looking;
    const [before, after] = [this.before, await this.inside()];
    for (const { reader, writer } of this.held) {
      await Promise.all([reader.query("rollback"), writer.query("rollback")]);
      this.idle.push(reader, writer);
    }
    const known = new Set(this.held.map(({ key }) => key));
    this.held = [];
    return { locks: this.locks, known, work: before === null ? "instant" : workBetween(before, after) };
  }

  private async look(): Promise<void> {
    let asked = performance.now();
    let locked = true;
    while (this.going) {
      if (locked && !this.lockRows) {
        locked = false;
        for (const { name, writer } of this.held) await writer.query(`rollback; start transaction; select 1 from ${quote(name)} where 1 = 0 for update`);
      }
      const table = await this.waitingForTable();
      const due = table === null && performance.now() - asked > insideMs;
      if (due) asked = performance.now();
      const waiting = table ?? (due ? await this.waitingInside() : null);
      if (waiting === null) await sleep(2);
      else await this.letGo(waiting);
    }
  }

  private async waitingForTable(): Promise<Waiting | null> {
    const found = await this.ask("select id as pid from information_schema.processlist where db = database() and state like 'Waiting for % lock'");
    const [first] = found.filter(({ pid = "" }) => !this.own.has(pid));
    return first?.["pid"] === undefined ? null : { pid: first["pid"], lock: null };
  }

  /** What the server tells of this may be as old as its last answer to anybody; the statement is that of now. */
  private async waitingInside(): Promise<Waiting | null> {
    const found = await this.ask(
      `select x.trx_mysql_thread_id as pid, l.lock_type as type, l.lock_table as \`table\` from information_schema.innodb_trx x
        join information_schema.innodb_locks l on l.lock_id = x.trx_requested_lock_id join information_schema.processlist p on p.id = x.trx_mysql_thread_id and p.info = x.trx_query
        where x.trx_state = 'LOCK WAIT'`,
    );
    const [first] = found.filter(({ pid = "" }) => !this.own.has(pid));
    return first === undefined ? null : { pid: first["pid"] ?? "", lock: { isRow: first["type"] === "RECORD", table: first["table"] ?? "" } };
  }

  /** The modes of the metadata locks that a session has been given, by table. */
  private async granted(pid: string): Promise<ReadonlyMap<string, string>> {
    const found = await this.ask(
      "select table_name as name, group_concat(lock_mode order by lock_mode) as modes from information_schema.metadata_lock_info where thread_id = ? and table_schema = database() group by 1",
      [pid],
    );
    return new Map(found.map(({ name = "", modes = "" }) => [name, modes]));
  }

  /** Whether it waits for this table: it goes on when the table is let go. */
  private async stillWaits({ pid }: Waiting, { name }: Table, granted: string | undefined): Promise<boolean> {
    const until = performance.now() + passedOnMs;
    while (performance.now() < until) {
      if ((await this.waitingForTable())?.pid !== pid || (await this.granted(pid)).get(name) !== granted) return false;
      await sleep(2);
    }
    return true;
  }

  private note(key: string, mode: string): void {
    const weight = (each: string | undefined): number => mariadbLocks.modes.indexOf(each ?? "");
    if (weight(mode) > weight(this.locks.get(key))) this.locks.set(key, mode);
  }

  /** Ends the application's transactions one by one until it goes on. Tables of which it has a weaker lock already come first. */
  private async letGo(waiting: Waiting): Promise<void> {
    const { lock } = waiting;
    if (lock !== null) {
      const on = this.held.find(({ name }) => lock.table === `${quote(this.db.name)}.${quote(name)}`);
      await on?.writer.query("rollback");
      if (on) this.note(on.key, lock.isRow ? rows : readOnly);
      return;
    }
    const granted = await this.granted(waiting.pid);
    const rank = ({ name }: Table): number => (/UPGRADABLE|NO_WRITE/.test(granted.get(name) ?? "") ? 0 : 1);
    for (const table of this.held.toSorted((a, b) => rank(a) - rank(b))) {
      for (const [connection, mode] of [[table.writer, readOnly] as const, [table.reader, exclusive] as const]) {
        await connection.query("rollback");
        if (await this.stillWaits(waiting, table, granted.get(table.name))) continue;
        this.note(table.key, mode);
        return;
      }
    }
  }

  private async inside(): Promise<Inside> {
    const tables = await this.ask("select name, table_id as id from information_schema.innodb_sys_tables where name like concat(database(), '/%')");
    const indexes = await this.ask(
      "select concat(i.table_id, ' ', i.index_id) as id from information_schema.innodb_sys_indexes i join information_schema.innodb_sys_tables t using (table_id) where t.name like concat(database(), '/%')",
    );
    const read = await this.ask("select table_name as name, rows_read as n from information_schema.table_statistics where table_schema = database()");
    return {
      tables: new Map(tables.map(({ name = "", id = "" }) => [name, id])),
      indexes: new Set(indexes.map(({ id = "" }) => id)),
      read: new Map(read.map(({ name = "", n }) => [name, Number(n)])),
    };
  }
}

/** More than the few that a lookup by a key reads. */
const manyRows = 20;

function workBetween(before: Inside, after: Inside): Work {
  const found: Work[] = ["instant"];
  const known = new Set(before.tables.values());
  for (const [name, id] of after.tables) if (before.tables.has(name) && before.tables.get(name) !== id) found.push("rewrite");
  for (const index of after.indexes) if (!before.indexes.has(index) && known.has(index.split(" ")[0] ?? "")) found.push("build");
  for (const [name, read] of after.read) if (read - (before.read.get(name) ?? 0) >= manyRows) found.push("scan");
  return works[Math.max(...found.map((work) => works.indexOf(work)))] ?? "instant";
}

async function idOf(connection: Connection): Promise<string> {
  const [found] = await connection.query<RowDataPacket[]>("select connection_id() as id");
  return String(found[0]?.["id"]);
}

/** Long enough for everything that is let go before. */
const patience = { lockBudgetMs: 60_000, maxTries: 3, pauseMs: 50 };

/** Carries a plan by the run itself, and looks at each of its steps. */
export class MariadbOracle {
  private readonly seen: Seen[] = [];
  private readonly plan: Plan;
  private readonly tools: Tools;
  private held: Held | null = null;

  private constructor(db: MariadbDatabase, plan: Plan, watch: Watch) {
    this.plan = plan;
    const cores = new Map(plan.steps.flatMap((step) => [step, ...step.undo].map((core) => [core.id, core] as const)));
    /** What comes next is known when it has begun; whether it was found done, at its end. */
    let step: string | null = null;
    let found = false;
    const tools = toolsFor(db.url);
    const { prelude } = tools.dialect;
    this.tools = {
      ...tools,
      // What would fail at once where it meets a lock of InnoDB's own waits for it, and so can be seen.
      dialect: { ...tools.dialect, prelude: (limits) => prelude({ ...limits, alone: false }) },
      report(news) {
        if (news.kind !== "event" || !("step" in news.event) || typeof news.event.step !== "string") return;
        step = news.event.step;
        found = (news.event.kind === "done" || news.event.kind === "undo-done") && news.event.found;
        if (cores.get(step)?.act.kind === "batches") watch.freeRows();
      },
      checkpoint: async (place) => {
        if (place === "step:before") await watch.begin();
        if (place !== "step:after") return;
        const saw = await watch.end();
        const core = cores.get(step ?? "");
        if (core === undefined || found) return;
        // Nobody can wait for a table that is born in the step.
        for (const { table, mode } of core.locks) if (!saw.known.has(keyOf(table))) saw.locks.set(keyOf(table), mode);
        // How many rows a look reads is for the server to choose: none where it has an index.
        const work = core.work === "scan" && saw.work === "instant" ? core.work : saw.work;
        this.seen.push({ core, below: new Map(), locks: saw.locks, work });
      },
    };
  }

  static async on(db: MariadbDatabase, plan: Plan): Promise<MariadbOracle> {
    return new MariadbOracle(db, plan, await Watch.on(db));
  }

  /** Forward phase by phase, each back and again; then every undo from the very end to the start. So each undo is met right after its phase, and at the end. */
  async thereAndBack(): Promise<readonly Seen[]> {
    await withSession(this.tools, async (session) => {
      await this.tools.store.ensure(session);
      this.held = await openRun(this.tools, session, this.plan, { holder, seen: (await this.tools.store.overview(session)).seen, times: patientTimes });
      let before: Position = "start";
      for (const phase of phases) {
        await this.go("forward", phase);
        if (phase !== "expand" && phase !== "drop") {
          await this.go("backward", before);
          await this.go("forward", phase);
        }
        before = phase;
      }
      const { run } = this.held;
      await this.held.release();
      const { seen } = await this.tools.store.overview(session);
      this.held = await reopenRun(this.tools, session, run, { holder, seen, goal: "start", times: patientTimes });
      await this.go("backward", "start");
      await this.held.release();
    });
    return this.seen;
  }

  private async go(direction: CarryRequest["direction"], goal: Position): Promise<void> {
    if (this.held === null) throw new Error("no run is open");
    await carry(this.held, { ...forward, direction, goal, options: patience });
  }
}

// Applications at work while a change goes on: both versions write and read, and every value is compared with what was written.
import { Actor, fittingFor, type Scene, type SharedUse, type TrafficSide } from "./traffic-actor.ts";
import { type TrafficClient, trafficEngine } from "./traffic-client.ts";
import { afresh, comeBack, describe, drifting, existing, leave, type Model, type Stretch, updated, type Values, type Worlds } from "./traffic-model.ts";

export interface FleetOptions {
  /** For the applications' own role. */
  readonly url: string;
  readonly model: Model;
  readonly actors: number;
  /** Rows that everybody writes; each of them must be there. */
  readonly shared: readonly string[];
  readonly prepared: boolean;
  readonly tolerant?: boolean;
  readonly seed: number;
}

/** mulberry32. */
function drawFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Enough to see what is wrong. */
const mostLines = 20;
/** So long nobody has done anything: everybody waits for something that does not come. */
const standstillMs = 30_000;

/** All users together. It rests until `during`. */
export class Fleet {
  private readonly options: FleetOptions;
  private readonly actors: readonly Actor[];
  private readonly rest = new Map<string, Worlds>();
  private readonly lines: string[] = [];
  private readonly uses: SharedUse[] = [];
  /** Transactions of applications that died of a deadlock. */
  deadlocks = 0;
  private steps = 0;
  private stretch: Stretch = { low: "start", high: "start" };
  private sides: readonly TrafficSide[] = [];
  private away = false;

  private constructor(options: FleetOptions) {
    this.options = options;
    const unique = (
      (next: number) => () =>
        (next += 1)
    )(1_000_000);
    const modulus = options.actors + 1;
    const scene: Scene = {
      url: options.url,
      model: options.model,
      prepared: options.prepared,
      modulus,
      shared: options.shared,
      stretch: () => this.stretch,
      sides: () => this.sides,
      away: () => this.away,
      use: (use) => void this.uses.push(use),
      wrong: (line) => void this.lines.push(line),
      deadlock: () => {
        this.deadlocks += 1;
      },
      tolerant: options.tolerant ?? false,
    };
    this.actors = Array.from({ length: options.actors }, (_, number) => new Actor(scene, { random: drawFrom(options.seed * 100 + number), unique }, number));
  }

  /** @param rows as they are, in both shapes, by id. Those that are not shared belong to the actors, but for some that nobody touches. */
  static of(options: FleetOptions, rows: ReadonlyMap<string, Values>): Fleet {
    const fleet = new Fleet(options);
    const modulus = options.actors + 1;
    for (const [id, values] of rows) {
      const owner = options.shared.includes(id) ? undefined : fleet.actors[Number(id) % modulus];
      (owner?.rows ?? fleet.rest).set(id, existing(values));
    }
    return fleet;
  }

  /** Lets the applications work while something is done; they rest again when it returns. */
  async during<T>(stretch: Stretch, sides: readonly TrafficSide[], work: () => Promise<T>): Promise<T> {
    this.stretch = stretch;
    this.sides = sides;
    await Promise.all(this.actors.map((actor) => actor.keep(sides)));
    const ended = new AbortController();
    const working = this.actors.map(async (actor) => {
      while (!ended.signal.aborted && this.lines.length < mostLines) {
        await actor.step();
        this.steps += 1;
      }
    });
    try {
      await this.go(20);
      const result = await work();
      await this.go(20);
      return result;
    } finally {
      ended.abort();
      await Promise.all(working);
    }
  }

  /** Resolves when the applications have done so much more. */
  async go(steps: number, mostMs = standstillMs): Promise<void> {
    const goal = this.steps + steps;
    const deadline = Date.now() + mostMs;
    while (this.steps < goal && this.lines.length < mostLines && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 2));
    if (this.steps < goal && this.lines.length < mostLines && mostMs === standstillMs) this.lines.push(`the applications stood still for ${standstillMs} ms`);
  }

  /** Old code leaves; what it will find when it comes back depends on what is written meanwhile. */
  leave(): void {
    this.away = true;
    this.each(leave);
  }

  /** @param dropped the old shape was gone meanwhile, with what it held. */
  comeBack(dropped: boolean): void {
    this.away = false;
    this.each((worlds) => comeBack(this.options.model, worlds, dropped));
  }

  /** The new shape is gone; a next one is made anew. */
  afresh(): void {
    this.each((worlds) => afresh(this.options.model, worlds));
  }

  /** The run has come to rest there. */
  settle(stretch: Stretch): void {
    this.stretch = stretch;
    this.each((worlds) => drifting(this.options.model, worlds, stretch));
  }

  /** Committed steps of each side. */
  done(): Readonly<Record<string, number>> {
    const sums: Record<string, number> = {};
    for (const { done } of this.actors) for (const [side, count] of done) sums[side] = (sums[side] ?? 0) + count;
    return sums;
  }

  /** Everything that was wrong so far; compares all rows, as these sides see them. */
  async verdict(url: string, sides: readonly TrafficSide[]): Promise<readonly string[]> {
    this.order();
    const client = await trafficEngine(url).connect(url, "verdict");
    try {
      for (const side of sides) await this.compare(client, side);
    } finally {
      await client.end();
    }
    return this.lines.slice(0, mostLines);
  }

  async end(): Promise<void> {
    await Promise.all(this.actors.map((actor) => actor.keep([])));
  }

  private each(change: (worlds: Worlds) => Worlds): void {
    for (const rows of [this.rest, ...this.actors.map((actor) => actor.rows)]) for (const [id, worlds] of rows) rows.set(id, change(worlds));
  }

  private async compare(client: TrafficClient, side: TrafficSide): Promise<void> {
    const columns = ["id", "version", "note", ...side.columns.map((column) => column.name)];
    const { rows } = await client.send(`select ${columns.join(", ")} from t`, [], false);
    const found = new Map<string, Values>(rows.map(({ id, ...row }) => [id ?? "", row]));
    for (const all of [this.rest, ...this.actors.map((actor) => actor.rows)]) {
      for (const [id, worlds] of all) {
        const seen = found.get(id) ?? null;
        found.delete(id);
        const right = fittingFor(this.options.model, side, worlds, seen, this.stretch);
        if (right.length === 0)
          this.lines.push(`at ${this.stretch.high} ${side.name} code finds row ${id} as ${JSON.stringify(seen)}; right would be ${describe(worlds)}`);
        else if (this.stretch.low === this.stretch.high) all.set(id, right);
      }
    }
    for (const [id, row] of found) this.lines.push(`at ${this.stretch.high} there is a row ${id} that nobody wrote: ${JSON.stringify(row)}`);
  }

  /** Puts the writes of shared rows in order by their versions, and compares each read with the version that it saw. */
  private order(): void {
    const { model } = this.options;
    const uses = this.uses.splice(0).sort((a, b) => a.version - b.version || Number(b.changes !== null) - Number(a.changes !== null));
    for (const id of this.options.shared) {
      let worlds = this.rest.get(id) ?? [];
      let version = Math.max(0, ...worlds.map(({ values }) => Number(values?.["version"] ?? 0)));
      for (const use of uses.filter((each) => each.id === id)) {
        if (use.changes !== null) {
          if (use.version !== version + 1) this.lines.push(`row ${id}: version ${use.version} follows ${version}: a write was lost`);
          version = use.version;
          worlds = updated(model, worlds, use.side.name, use.changes, use.stretch);
        }
        const right = fittingFor(model, use.side, worlds, use.seen, use.stretch);
        if (right.length === 0)
          this.lines.push(
            `${use.side.name} code between ${use.stretch.low} and ${use.stretch.high} saw shared row ${id} as ${JSON.stringify(use.seen)}; right would be ${describe(worlds)}`,
          );
      }
      this.rest.set(id, worlds);
    }
  }
}

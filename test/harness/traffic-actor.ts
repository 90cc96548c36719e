// One user of the applications: it owns rows that nobody else writes, works on them through either version, and knows what it wrote.
import { type Answer, type Row, type TrafficClient, type TrafficEngine, trafficEngine } from "./traffic-client.ts";
import { absent, describe, fitting, inserted, type Model, type Stretch, updated, type Values, type Worlds } from "./traffic-model.ts";

/** Chance, made repeatable by a seed. */
export interface Draw {
  /** From 0 to 1, 1 excluded. */
  random(): number;
  /** A number that no other draw gives. */
  unique(): number;
}

export interface TrafficColumn {
  readonly name: string;
  /** What the model calls it, where two versions mean different values by one name. */
  readonly key?: string;
  readonly value: (draw: Draw) => string | null;
  /** Inserts sometimes leave it out. */
  readonly optional?: boolean;
  /** No two rows hold the same. */
  readonly unique?: boolean;
}

/** One version of the application: what it reads and writes besides `id`, `version` and `note`. */
export interface TrafficSide {
  readonly name: string;
  readonly columns: readonly TrafficColumn[];
  /** How what it reads is to be compared, where two sides print a value differently. */
  readonly normal?: (text: string) => string;
  /** False for an insert that would not tell which version wrote it: it gives nothing. */
  readonly tells?: (given: Values, stretch: Stretch) => boolean;
  /** Of these one is served, nobody knows which. */
  readonly either?: readonly TrafficSide[];
}

export const keyOf = (column: TrafficColumn): string => column.key ?? column.name;

/** A write or a read of a row that all share, to be put in order afterwards. */
export interface SharedUse {
  readonly id: string;
  readonly version: number;
  readonly side: TrafficSide;
  readonly stretch: Stretch;
  readonly changes: Values | null;
  readonly seen: Values | null;
}

/** What an actor needs to know of the world. */
export interface Scene {
  readonly url: string;
  readonly model: Model;
  readonly prepared: boolean;
  /** Ids of one actor have its number modulo this. */
  readonly modulus: number;
  readonly shared: readonly string[];
  readonly stretch: () => Stretch;
  readonly sides: () => readonly TrafficSide[];
  /** Old code is away: what is written now it finds when it comes back. */
  readonly away: () => boolean;
  readonly use: (use: SharedUse) => void;
  readonly wrong: (line: string) => void;
  /** A transaction died of a deadlock, and did nothing. */
  readonly deadlock: () => void;
  /** The server may die: in doubt is then allowed, lost is not. */
  readonly tolerant: boolean;
}

const withoutId = ({ id: _, ...row }: Row): Values => row;

export class Actor {
  readonly rows = new Map<string, Worlds>();
  /** Carried out and committed, for each side. */
  readonly done = new Map<string, number>();
  private readonly scene: Scene;
  private readonly engine: TrafficEngine;
  private readonly draw: Draw;
  private readonly number: number;
  private readonly clients = new Map<string, TrafficClient>();
  private staged: Map<string, Worlds> | null = null;
  /** What may have been committed when the connection was lost. */
  private doubtful: ReadonlySet<string> = new Set();

  constructor(scene: Scene, draw: Draw, number: number) {
    this.scene = scene;
    this.engine = trafficEngine(scene.url);
    this.draw = draw;
    this.number = number;
  }

  /** One thing that a user does. */
  async step(): Promise<void> {
    const side = this.one(this.scene.sides());
    try {
      if (this.doubtful.size > 0) await this.resolve(side);
      const chance = this.draw.random();
      if (chance < 0.15 && this.scene.shared.length > 0) await this.useShared(side);
      else if (chance < 0.4) await this.transaction(side);
      else await this.work(side);
      this.done.set(side.name, (this.done.get(side.name) ?? 0) + 1);
    } catch (error) {
      await this.failed(side, error);
    }
  }

  /** Closes the connections of sides that are not among these. */
  async keep(sides: readonly TrafficSide[]): Promise<void> {
    for (const [name, client] of this.clients) {
      if (sides.some((side) => side.name === name)) continue;
      this.clients.delete(name);
      await client.end();
    }
  }

  private async failed(side: TrafficSide, error: unknown): Promise<void> {
    const attempted = this.staged;
    this.staged = null;
    const client = this.clients.get(side.name);
    if (this.engine.lost(error) && this.scene.tolerant) {
      this.clients.delete(side.name);
      await client?.end().catch(() => undefined);
      for (const [id, worlds] of attempted ?? []) this.rows.set(id, [...(this.rows.get(id) ?? absent), ...worlds]);
      if (attempted !== null) this.doubtful = new Set(attempted.keys());
      return;
    }
    await client?.send("rollback", [], false).catch(() => undefined);
    if (this.engine.deadlock(error)) return this.scene.deadlock();
    const { code = "", message = String(error), where = "" } = error as { code?: string; message?: string; where?: string };
    const { low, high } = this.scene.stretch();
    this.scene.wrong(`${side.name} code between ${low} and ${high} got ${code} ${message} ${where}`);
  }

  /** Finds out what became of a commit in doubt. */
  private async resolve(side: TrafficSide): Promise<void> {
    await this.see(side, [...this.doubtful]);
    this.doubtful = new Set();
  }

  private async transaction(side: TrafficSide): Promise<void> {
    await this.send(side, "begin", []);
    const staged = new Map<string, Worlds>();
    this.staged = staged;
    for (let n = 1 + Math.floor(this.draw.random() * 3); n > 0; n -= 1) await this.act(side);
    const kept = this.draw.random() < 0.7;
    await this.send(side, kept ? "commit" : "rollback", []);
    this.staged = null;
    if (kept) for (const [id, worlds] of staged) this.rows.set(id, worlds);
  }

  private async work(side: TrafficSide): Promise<void> {
    this.staged = new Map();
    await this.act(side);
    for (const [id, worlds] of this.staged) this.rows.set(id, worlds);
    this.staged = null;
  }

  private act(side: TrafficSide): Promise<void> {
    const chance = this.draw.random();
    if (chance < 0.2) return this.insert(side);
    if (chance < 0.45) return this.update(side);
    if (chance < 0.55) return this.annotate(side);
    if (chance < 0.63) return this.move(side);
    if (chance < 0.75) return this.upsert(side);
    if (chance < 0.83) return this.remove(side);
    if (chance < 0.87) return this.touch(side);
    return this.see(side, this.some(4));
  }

  private async insert(side: TrafficSide): Promise<void> {
    const columns = side.columns.filter((column) => !column.optional || this.draw.random() < 0.7);
    const { tells = () => true } = side;
    const drawn = Array.from({ length: this.draw.random() < 0.25 ? 3 : 1 }, () => ({ id: this.newId(), values: this.valuesFor(columns), note: this.note() }));
    const rows = drawn.filter(({ id, values }, i) => drawn.findIndex((other) => other.id === id) === i && tells(values, this.scene.stretch()));
    if (rows.length === 0) return;
    const names = ["id", "version", "note", ...columns.map((column) => column.name)];
    const lists = rows.map((_, row) => `(${names.map((_, i) => `$${row * names.length + i + 1}`).join(", ")})`);
    for (const { id, values, note } of rows)
      this.stage(id, inserted(this.scene.model, side.name, { ...values, version: "1", note }, this.scene.stretch(), this.scene.away()));
    const text = `insert into t (${names.join(", ")}) values ${lists.join(", ")}${this.returning(side)}`;
    await this.sendAndSee(
      side,
      text,
      rows.flatMap(({ id, values, note }) => [id, "1", note, ...columns.map((column) => values[keyOf(column)] ?? null)]),
      rows.length,
    );
  }

  /** Some of the side's columns, in one row or in several. */
  private async update(side: TrafficSide): Promise<void> {
    const ids = this.some(this.draw.random() < 0.25 ? 3 : 1);
    const columns = side.columns.filter(() => this.draw.random() < 0.6);
    if (ids.length === 0 || columns.length === 0) return;
    await this.change(side, columns.some((column) => column.unique) ? ids.slice(0, 1) : ids, this.valuesFor(columns));
  }

  private async annotate(side: TrafficSide): Promise<void> {
    const ids = this.some(this.draw.random() < 0.3 ? 4 : 1);
    if (ids.length > 0) await this.change(side, ids, { note: this.note() });
  }

  /** Writes what is there already: no change to either shape. */
  private async touch(side: TrafficSide): Promise<void> {
    const [id] = this.some(1);
    const [column] = side.columns;
    if (id === undefined || column === undefined) return;
    this.stage(id, updated(this.scene.model, this.worlds(id), side.name, {}, this.scene.stretch()));
    await this.sendAndSee(side, `update t set ${column.name} = ${column.name}, version = version + 1 where id = $1${this.returning(side, "update")}`, [id], 1);
  }

  private async change(side: TrafficSide, ids: readonly string[], values: Values): Promise<void> {
    for (const id of ids) this.stage(id, updated(this.scene.model, this.worlds(id), side.name, values, this.scene.stretch()));
    const set = columnsOf(side, values).map((name, i) => `${name} = $${i + 2}`);
    await this.sendAndSee(
      side,
      `update t set ${set.join(", ")}, version = version + 1 where id = any ($1::bigint[])${this.returning(side, "update")}`,
      [ids, ...Object.values(values)],
      ids.length,
    );
  }

  private async move(side: TrafficSide): Promise<void> {
    const [from] = this.some(1);
    if (from === undefined) return;
    const to = this.newId();
    this.stage(to, updated(this.scene.model, this.worlds(from), side.name, {}, this.scene.stretch(), true));
    this.stage(from, absent);
    await this.sendAndSee(side, `update t set id = $2, version = version + 1 where id = $1${this.returning(side, "update")}`, [from, to], 1);
  }

  private async upsert(side: TrafficSide): Promise<void> {
    const { model, stretch, away } = this.scene;
    const [found] = this.some(1);
    const id = found !== undefined && this.draw.random() < 0.6 ? found : this.newId();
    const given = this.valuesFor(side.columns);
    if (side.tells?.(given, stretch()) === false) return;
    const values = { ...given, note: this.note() };
    const there = this.isThere(id);
    const arriving = model.excluded?.(side.name, values, stretch()) ?? [values];
    this.stage(
      id,
      there
        ? arriving.flatMap((excluded) => updated(model, this.worlds(id), side.name, excluded, stretch()))
        : inserted(model, side.name, { ...values, version: "1" }, stretch(), away()),
    );
    const names = columnsOf(side, values);
    const text = `insert into t (id, version, ${names.join(", ")}) values ($1, 1, ${names.map((_, i) => `$${i + 2}`).join(", ")}) ${this.engine.upsert(names)}${this.returning(side)}`;
    await this.sendAndSee(side, text, [id, ...Object.values(values)], 1);
  }

  private async remove(side: TrafficSide): Promise<void> {
    const ids = this.some(this.draw.random() < 0.2 ? 2 : 1);
    if (ids.length === 0) return;
    for (const id of ids) this.stage(id, absent);
    const { count } = await this.send(side, "delete from t where id = any ($1::bigint[])", [ids]);
    if (count !== ids.length) this.scene.wrong(`${side.name} code deleted ${count} rows of ${ids.join(", ")}`);
  }

  /** Reads rows and compares them with what may be in them. */
  private async see(side: TrafficSide, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    const { rows } = await this.send(side, `select ${this.columns(side)} from t where id = any ($1::bigint[])`, [ids]);
    const found = new Map(rows.map((row) => [row["id"] ?? "", row]));
    for (const id of ids) this.compare(side, id, found.get(id) ?? null);
  }

  private async useShared(side: TrafficSide): Promise<void> {
    const id = this.one(this.scene.shared);
    const stretch = this.scene.stretch();
    if (this.draw.random() < 0.4) {
      const { rows } = await this.send(side, `select ${this.columns(side)} from t where id = $1`, [id]);
      const [row] = rows;
      if (row === undefined) return this.scene.wrong(`${side.name} code misses row ${id}`);
      return this.scene.use({ id, version: Number(row["version"]), side, stretch, changes: null, seen: withoutId(row) });
    }
    const changes = this.valuesFor(side.columns.filter(() => this.draw.random() < 0.7));
    const names = columnsOf(side, changes);
    if (names.length === 0) return;
    const text = `update t set ${names.map((name, i) => `${name} = $${i + 2}`).join(", ")}, version = version + 1 where id = $1`;
    const values = [id, ...Object.values(changes)];
    const { rows } = this.engine.updateReturns
      ? await this.send(side, `${text} returning ${this.columns(side)}`, values)
      : await this.sendAndLook(side, id, text, values);
    const [row] = rows;
    if (row === undefined) return this.scene.wrong(`${side.name} code misses row ${id}`);
    this.scene.use({ id, version: Number(row["version"]), side, stretch, changes, seen: withoutId(row) });
  }

  private compare(side: TrafficSide, id: string, row: Row | null): void {
    const seen = row === null ? null : withoutId(row);
    const right = fittingFor(this.scene.model, side, this.worlds(id), seen, this.scene.stretch());
    if (right.length === 0) {
      const { low, high } = this.scene.stretch();
      this.scene.wrong(`${side.name} code between ${low} and ${high} read row ${id} as ${JSON.stringify(seen)}; right would be ${describe(this.worlds(id))}`);
      return;
    }
    // What may still change by itself is not narrowed.
    if (this.doubtful.has(id)) this.rows.set(id, right);
  }

  /** As one transaction, so that nobody writes in between. */
  private async sendAndLook(side: TrafficSide, id: string, text: string, values: readonly unknown[]): Promise<Answer> {
    await this.send(side, "begin", []);
    await this.send(side, text, values);
    const answer = await this.send(side, `select ${this.columns(side)} from t where id = $1`, [id]);
    await this.send(side, "commit", []);
    return answer;
  }

  private async sendAndSee(side: TrafficSide, text: string, values: readonly unknown[], count: number): Promise<void> {
    const answer = await this.send(side, text, values);
    const { rows } = answer;
    // Of an INSERT that found its row there, MariaDB counts two.
    const isRight = answer.count === count || (text.includes("on duplicate key") && answer.count === 2 * count) || rows.length === count;
    if (!isRight) this.scene.wrong(`${side.name} code changed ${answer.count} rows instead of ${count}: ${text}`);
    for (const row of rows) this.compare(side, row["id"] ?? "", row);
  }

  private async send(side: TrafficSide, text: string, values: readonly unknown[]): Promise<Answer> {
    const client = await this.client(side);
    return client.send(text, values, this.scene.prepared && values.length > 0);
  }

  private async client(side: TrafficSide): Promise<TrafficClient> {
    const known = this.clients.get(side.name);
    if (known) return known;
    const client = await this.engine.connect(this.scene.url, `${side.name} code`);
    this.clients.set(side.name, client);
    return client;
  }

  private columns = (side: TrafficSide): string => ["id", "version", "note", ...side.columns.map((column) => column.name)].join(", ");
  private returning = (side: TrafficSide, of: "insert" | "update" = "insert"): string =>
    (of === "insert" || this.engine.updateReturns) && this.draw.random() < 0.5 ? ` returning ${this.columns(side)}` : "";

  private stage(id: string, worlds: Worlds): void {
    this.staged?.set(id, worlds);
  }

  private worlds = (id: string): Worlds => this.staged?.get(id) ?? this.rows.get(id) ?? absent;
  private isThere = (id: string): boolean => this.worlds(id).every(({ values }) => values !== null);

  private some(most: number): readonly string[] {
    const present = [...new Set([...this.rows.keys(), ...(this.staged?.keys() ?? [])])].filter(this.isThere);
    return [...new Set(Array.from({ length: Math.min(most, present.length) }, () => this.one(present)))];
  }

  /** Before, among and behind the rows that are there, so that a cursor meets some of them and misses others. */
  private newId(): string {
    for (;;) {
      const id = String(this.number + this.scene.modulus * Math.floor(this.draw.random() * 4000 - 500));
      if (this.worlds(id).every(({ values }) => values === null)) return id;
    }
  }

  private valuesFor = (columns: readonly TrafficColumn[]): Values => Object.fromEntries(columns.map((column) => [keyOf(column), column.value(this.draw)]));
  private note = (): string | null => (this.draw.random() < 0.2 ? null : `note ${Math.floor(this.draw.random() * 1e6)}`);

  private one<T>(list: readonly T[]): T {
    const chosen = list[Math.floor(this.draw.random() * list.length)];
    if (chosen === undefined) throw new Error("nothing to choose from");
    return chosen;
  }
}

/** Those ways that fit what a side read (by the columns' own names, and without the key). */
export function fittingFor(model: Model, side: TrafficSide, worlds: Worlds, seen: Values | null, stretch: Stretch): Worlds {
  if (side.either) return worlds.filter((world) => side.either?.some((one) => fittingFor(model, one, [world], seen, stretch).length > 0));
  const { normal = (text: string) => text } = side;
  const keys = new Map(side.columns.map((column) => [column.name, keyOf(column)]));
  const read =
    seen && Object.fromEntries(Object.entries(seen).map(([name, value]) => [keys.get(name) ?? name, value !== null && keys.has(name) ? normal(value) : value]));
  const own = new Set(keys.values());
  const alike = (values: Values): Values =>
    Object.fromEntries(Object.entries(values).map(([key, value]) => [key, value !== null && own.has(key) ? normal(value) : value]));
  return worlds.filter((world) => fitting(model, [world.values === null ? world : { ...world, values: alike(world.values) }], read, stretch).length > 0);
}

/** The names of columns, by the model's keys. */
const columnsOf = (side: TrafficSide, values: Values): readonly string[] =>
  Object.keys(values).map((key) => side.columns.find((column) => keyOf(column) === key)?.name ?? key);

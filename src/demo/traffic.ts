// What an application asks of the table: ordinary requests, chosen by chance that can be repeated.
import { freshName, nameOf } from "./names.ts";
import { pick, type Random, seeded } from "./random.ts";
import { type Split, up, type Value } from "./split.ts";

export type Side = Value["side"];

export type Request =
  | { readonly kind: "read"; readonly id: number }
  /** By the exact name, or last name. */
  | { readonly kind: "search"; readonly text: string }
  /** Changes a column that is not migrated. */
  | { readonly kind: "touch"; readonly id: number }
  | { readonly kind: "update"; readonly id: number; readonly value: Value }
  | { readonly kind: "insert"; readonly email: string; readonly value: Value }
  | { readonly kind: "upsert"; readonly email: string; readonly value: Value }
  | { readonly kind: "delete"; readonly id: number };

const kinds: readonly Request["kind"][] = ["read", "search", "touch", "update", "insert", "upsert", "delete"];

/** In hundredths. */
const weights: Readonly<Record<Request["kind"], number>> = { read: 52, search: 5, touch: 8, update: 16, insert: 6, upsert: 9, delete: 4 };
const mix = kinds.flatMap((kind) => new Array<Request["kind"]>(weights[kind]).fill(kind));

/** Half of all requests go to so many rows, all over the table: both applications meet in them again and again. */
const hotRows = 512;
const recentRows = 63;

export const seededEmail = (id: number): string => `user${id}@example.org`;

/** A quarter of the seeded rows is written by each application alone, half of them by both. */
const share = (id: number): Side | "both" => (id % 4 === 0 ? "old" : id % 4 === 1 ? "new" : "both");

/** With fewer, an application would run out of rows of its own. */
export const fewestRows = 1000;

export interface TrafficOptions {
  readonly side: Side;
  /** Rows that were there from the beginning, with ids from 1. */
  readonly rows: number;
  /** Tells one life of an application from another. */
  readonly life: number;
  /** Rows that an earlier life deleted. */
  readonly gone: readonly number[];
}

/** Chooses requests, and remembers which rows this application may write. */
export class Traffic {
  private readonly options: TrafficOptions;
  private readonly random: Random;
  private readonly gone: Set<number>;
  private readonly inserted = new Map<number, string>();
  /** The newest of them; asked for in every request, so not looked for each time. */
  private recent: number[] = [];
  private writes = 0;

  constructor(options: TrafficOptions) {
    this.options = options;
    this.random = seeded(options.life * 7919 + (options.side === "old" ? 1 : 2));
    this.gone = new Set(options.gone);
  }

  next(): Request {
    const kind = pick(this.random, mix);
    switch (kind) {
      case "read":
        return { kind, id: this.anyRow() };
      case "search":
        return { kind, text: this.text() };
      case "touch":
        return { kind, id: this.ownRow() };
      case "update":
        return { kind, id: this.ownRow(), value: this.value() };
      case "insert":
        return { kind, email: this.freshEmail(), value: this.value() };
      case "upsert":
        return { kind, email: this.random() < 0.3 ? this.freshEmail() : this.emailOf(this.ownRow()), value: this.value() };
      case "delete":
        return this.deletion();
    }
  }

  /** A row that this application made. */
  made(id: number, email: string): void {
    if (id <= this.options.rows || this.gone.has(id) || this.inserted.has(id)) return;
    this.inserted.set(id, email);
    this.recent = [...this.recent.slice(-recentRows), id];
  }

  /** Nobody deletes rows but those who write them alone, so every other row must be there. */
  mayBeGone(id: number): boolean {
    const another = id <= this.options.rows && share(id) !== "both" && share(id) !== this.options.side;
    return another || this.gone.has(id);
  }

  private deletion(): Request {
    const id = this.recent.length > 0 && this.random() < 0.8 ? pick(this.random, this.recent) : this.seededOwn((row) => share(row) === this.options.side);
    // From here on nobody asks for it.
    this.gone.add(id);
    this.inserted.delete(id);
    this.recent = this.recent.filter((each) => each !== id);
    return { kind: "delete", id };
  }

  private seededRow(): number {
    const { rows } = this.options;
    return this.random() < 0.5 ? 1 + Math.floor((Math.floor(this.random() * hotRows) * rows) / hotRows) : 1 + Math.floor(this.random() * rows);
  }

  private anyRow(): number {
    return this.recent.length > 0 && this.random() < 0.1 ? pick(this.random, this.recent) : this.seededRow();
  }

  private ownRow(): number {
    if (this.recent.length > 0 && this.random() < 0.1) return pick(this.random, this.recent);
    return this.seededOwn((id) => share(id) === this.options.side || share(id) === "both");
  }

  private seededOwn(mine: (id: number) => boolean): number {
    for (;;) {
      const id = this.seededRow();
      if (mine(id) && !this.gone.has(id)) return id;
    }
  }

  private emailOf(id: number): string {
    return this.inserted.get(id) ?? seededEmail(id);
  }

  private freshEmail(): string {
    const { side, life } = this.options;
    return `${side}.${life}.${this.writes}@example.org`;
  }

  private text(): string {
    const name = nameOf(this.seededRow());
    return (this.options.side === "old" ? name : up(name).last) ?? "nobody";
  }

  private value(): Value {
    const { side, life } = this.options;
    this.writes += 1;
    const name = freshName(Math.floor(this.random() * 1e9), `${side === "old" ? "o" : "n"}${life}.${this.writes.toString(36)}`);
    return side === "old" ? { side, name } : { side, ...this.parts(name) };
  }

  /** New code fills in a form with two fields, and does not care how a name would have been split. */
  private parts(name: string | null): Split {
    if (name === null) return { first: "", last: null };
    const way = this.random();
    const blank = name.lastIndexOf(" ");
    if (way < 0.2 && blank > 0) return { first: name.slice(0, blank), last: name.slice(blank + 1) };
    if (way < 0.3) return { first: name, last: null };
    return way < 0.35 ? { first: "", last: name } : up(name);
  }
}

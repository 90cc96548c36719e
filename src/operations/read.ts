// Reads the fields of an operation and collects every mistake, so that a file is corrected once and not field by field.
import { Problem } from "../problem.ts";
import { isPhase, type Phase } from "../step/phase.ts";
import type { ColumnSpec } from "../step/shape.ts";

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);

/** A view of one JSON object that knows its place in the file and which of its fields were asked for. */
export class Reader {
  readonly #fields: Fields;
  readonly #place: string;
  readonly #mistakes: string[];
  readonly #asked = new Set<string>(["kind"]);

  constructor(value: unknown, place: string, mistakes: string[]) {
    this.#place = place;
    this.#mistakes = mistakes;
    this.#fields = isFields(value) ? value : {};
    if (!isFields(value)) mistakes.push(`${place} must be an object`);
  }

  #get(field: string): unknown {
    this.#asked.add(field);
    return this.#fields[field];
  }

  #wrong(field: string, wanted: string): void {
    this.#mistakes.push(`${this.#place}.${field} must be ${wanted}`);
  }

  /** A non-empty text that must be there. */
  text(field: string): string {
    const value = this.#get(field);
    if (typeof value === "string" && value.trim() !== "") return value;
    this.#wrong(field, "a non-empty text");
    return "?";
  }

  optionalText(field: string): string | undefined {
    const value = this.#get(field);
    if (value === undefined || value === null) return undefined;
    if (typeof value === "string" && value.trim() !== "") return value;
    this.#wrong(field, "a non-empty text");
    return undefined;
  }

  flag(field: string): boolean | undefined {
    const value = this.#get(field);
    if (value === undefined || typeof value === "boolean") return value;
    this.#wrong(field, "true or false");
    return undefined;
  }

  choice<const T extends string>(field: string, choices: readonly T[]): T | undefined {
    const value = this.#get(field);
    if (value === undefined) return undefined;
    const found = choices.find((choice) => choice === value);
    if (found === undefined) this.#wrong(field, choices.map((choice) => `"${choice}"`).join(" or "));
    return found;
  }

  phase(field: string, fallback: Phase): Phase {
    const value = this.#get(field);
    if (value === undefined) return fallback;
    if (typeof value === "string" && isPhase(value)) return value;
    this.#wrong(field, "a phase: expand, backfill, switch, retire or drop");
    return fallback;
  }

  /** A text or a list of texts; at least one. */
  texts(field: string): readonly string[] {
    const value = this.#get(field);
    const list = typeof value === "string" ? [value] : value;
    if (Array.isArray(list) && list.length > 0 && list.every((item) => typeof item === "string" && item.trim() !== "")) return list;
    this.#wrong(field, "a text or a non-empty list of texts");
    return ["?"];
  }

  optionalTexts(field: string): readonly string[] | undefined {
    const value = this.#get(field);
    if (value === undefined || value === null) return undefined;
    if (Array.isArray(value) && value.length === 0) return [];
    return this.texts(field);
  }

  /** A map from name to text. */
  textMap(field: string): Readonly<Record<string, string>> {
    const value = this.#get(field);
    if (value === undefined) return {};
    if (isFields(value) && Object.values(value).every((item) => typeof item === "string" && item.trim() !== "")) return value as Record<string, string>;
    this.#wrong(field, "an object of texts");
    return {};
  }

  object<T>(field: string, read: (fields: Reader) => T): T {
    return this.#nested(this.#get(field), `${this.#place}.${field}`, read);
  }

  optionalObject<T>(field: string, read: (fields: Reader) => T): T | undefined {
    const value = this.#get(field);
    return value === undefined ? undefined : this.#nested(value, `${this.#place}.${field}`, read);
  }

  objects<T>(field: string, read: (fields: Reader) => T, least = 1): readonly T[] {
    const value = this.#get(field);
    if (value === undefined && least === 0) return [];
    if (!Array.isArray(value) || value.length < least) {
      this.#wrong(field, least > 0 ? "a non-empty list" : "a list");
      return [];
    }
    return value.map((item, i) => this.#nested(item, `${this.#place}.${field}[${i}]`, read));
  }

  #nested<T>(value: unknown, place: string, read: (fields: Reader) => T): T {
    const inner = new Reader(value, place, this.#mistakes);
    const result = read(inner);
    inner.finish();
    return result;
  }

  /** Reports fields that nobody asked for: a misspelt option must not be ignored in silence. */
  finish(): void {
    for (const field of Object.keys(this.#fields)) {
      if (!this.#asked.has(field) && this.#fields[field] !== undefined) {
        this.#mistakes.push(`${this.#place}.${field} is not known here (known: ${[...this.#asked].filter((name) => name !== "kind").join(", ")})`);
      }
    }
  }
}

/** Leaves out what is undefined, so that canonical JSON and optional properties agree. */
export function defined<T extends object>(value: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as T;
}

/** Reads a column as people write it. */
export function readColumn(fields: Reader): ColumnSpec {
  const generated = fields.optionalObject("generated", (inner) => ({
    kind: inner.choice("kind", ["stored", "virtual"]) ?? "stored",
    expression: inner.text("expression"),
  }));
  return defined<ColumnSpec>({
    name: fields.text("name"),
    type: fields.text("type"),
    notNull: fields.flag("notNull"),
    default: fields.optionalText("default"),
    generated,
    identity: fields.choice("identity", ["always", "by default"]),
    collation: fields.optionalText("collation"),
    comment: fields.optionalText("comment"),
  });
}

/** @throws Problem `bad-operation` naming every mistake at once. */
export function refuseMistakes(mistakes: readonly string[], migration: string): void {
  if (mistakes.length === 0) return;
  throw new Problem({
    code: "bad-operation",
    message: `Migration ${migration} cannot be read: ${mistakes.join("; ")}.`,
    hint: `Correct migration ${migration} and run the command again; nothing was changed.`,
    subject: { kind: "migration", name: migration },
    details: mistakes,
  });
}

// A folder of migrations: which files count, in which order, and their bytes.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Problem } from "../problem.ts";
import { bytesHash } from "./hash.ts";

/** A file of the folder, read but not evaluated. */
export interface MigrationFile {
  /** File name without extension. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  readonly format: "script" | "sql";
  readonly bytes: Buffer;
  readonly bytesHash: string;
}

const formats: Readonly<Record<string, MigrationFile["format"]>> = { ts: "script", js: "script", mjs: "script", sql: "sql" };
const ignored = /^\.|\.d\.ts$|\.(test|spec)\.[a-z]+$|^README\b/i;

/**
 * Order of names: by the number that they begin with, if both do, then by code units. So `2_b` comes before `10_a`, and time stamps of
 * one length sort as text.
 */
export function compareNames(a: string, b: string): number {
  const left = /^\d+/.exec(a)?.[0].replace(/^0+/, "");
  const right = /^\d+/.exec(b)?.[0].replace(/^0+/, "");
  if (left !== undefined && right !== undefined && left !== right) return left.length - right.length || (left < right ? -1 : 1);
  return a < b ? -1 : a > b ? 1 : 0;
}

function names(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [] : [entry.name]));
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    throw new Problem({
      code: "no-migrations-folder",
      message: code === "ENOENT" ? `There is no migrations folder ${folder}.` : `The migrations folder ${folder} cannot be read (${code}).`,
      hint: "Run `hotstick init` to make one, or name yours with --migrations FOLDER.",
      subject: { kind: "folder", name: folder },
      cause,
    });
  }
}

/**
 * All migration files of a folder, in order. Reads synchronously: a thousand small files take 10 ms so, and four times that through promises.
 * @throws Problem `no-migrations-folder`, `duplicate-migration`.
 */
export function readFolder(folder: string): readonly MigrationFile[] {
  const byName = new Map<string, MigrationFile>();
  for (const file of names(folder)) {
    const match = /^(.+)\.([a-z]+)$/.exec(file);
    const format = match && formats[match[2]!];
    if (!match || !format || ignored.test(file)) continue;
    const name = match[1]!;
    const path = join(folder, file);
    const other = byName.get(name);
    if (other) throw duplicate(name, other.path, path);
    const bytes = readFileSync(path);
    byName.set(name, { name, path, format, bytes, bytesHash: bytesHash(bytes) });
  }
  return [...byName.values()].sort((a, b) => compareNames(a.name, b.name));
}

const duplicate = (name: string, first: string, second: string): Problem =>
  new Problem({
    code: "duplicate-migration",
    message: `Two files are called ${name}: ${first} and ${second}.`,
    hint: "Keep one of them; if one was compiled from the other, compile to another folder.",
    subject: { kind: "migration", name },
  });

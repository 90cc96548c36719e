// Writes new files and adds lines to lists; says what it did.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const touched = [];

/** A new file; one that is there is left alone. */
export function create(path, text) {
  const file = join(root, path);
  if (existsSync(file)) return console.log(`kept  ${path}`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  touched.push(path);
  console.log(`made  ${path}`);
}

/** Puts `line` before the first match of `before` that comes after `after`. */
export function insert(path, line, { after, before }) {
  const file = join(root, path);
  const text = readFileSync(file, "utf8");
  const from = text.search(after);
  const at = from < 0 ? -1 : text.slice(from).search(before);
  if (at < 0) throw new Error(`${path} has changed so much that ${JSON.stringify(line)} finds no place; add it by hand, and mend scripts/new`);
  writeFileSync(file, text.slice(0, from + at) + line + text.slice(from + at));
  touched.push(path);
  console.log(`added to ${path}`);
}

/** An import below the first one, so that the comment of the file stays on top; the formatter puts it in its place. */
export const addImport = (path, line) => insert(path, `\n${line}`, { after: /^import /m, before: /\n/ });

export const isThere = (path) => existsSync(join(root, path));

/** Formats what was written. */
export function finish() {
  const sources = touched.filter((path) => path.endsWith(".ts"));
  if (sources.length > 0)
    execFileSync(process.execPath, [join(root, "node_modules/@biomejs/biome/bin/biome"), "check", "--write", ...sources], {
      cwd: root,
      stdio: ["ignore", "ignore", "inherit"],
    });
}

/** `split-column` → `splitColumn`. */
export const camel = (name) => name.replace(/-(.)/g, (_, letter) => letter.toUpperCase());
/** `split-column` → `SplitColumn`. */
export const pascal = (name) => camel(`-${name}`);

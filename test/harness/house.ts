// The rules of the house: the rooms, who may import whom, what is pure, and where an engine is named.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { importsOf, withoutComments } from "./source-text.ts";

export interface Source {
  /** From `src/`. */
  readonly path: string;
  readonly text: string;
}

interface Room {
  /** Files whose path begins with this; the longest wins. */
  readonly place: string;
  /** Rooms that it may import besides itself and the common ones. */
  readonly rooms: readonly string[];
  /** Packages that it may import besides Node's own. */
  readonly packages?: readonly string[];
  /** No clock, no environment, no chance, no I/O: everything comes as an argument. */
  readonly pure?: true;
}

const shared = ["schema", "step"];
const planning = [...shared, "operations", "syntax", "plan", "dialects"];
const carrying = [...planning, "drivers", "store", "run", "sources", "sandbox", "config"];
const engines = ["postgres", "mysql"].flatMap((engine) => ["syntax", "dialects", "drivers", "store"].map((room) => `${room}/${engine}`));
const sandboxes = ["sandbox/postgres", "sandbox/mariadb"];

/** The rooms, in the order of their arrows: each imports from above only. */
export const house: Readonly<Record<string, Room>> = {
  words: { place: "", rooms: [], pure: true },
  sql: { place: "sql/", rooms: [], pure: true },
  schema: { place: "schema/", rooms: [], pure: true },
  syntax: { place: "syntax/", rooms: ["schema"], pure: true },
  "syntax/postgres": { place: "syntax/postgres/", rooms: ["schema", "syntax"], packages: ["libpg-query", "pgsql-deparser", "@pgsql/types"], pure: true },
  "syntax/mysql": { place: "syntax/mysql/", rooms: ["schema", "syntax"], pure: true },
  step: { place: "step/", rooms: ["schema"], pure: true },
  operations: { place: "operations/", rooms: [...shared, "syntax"], pure: true },
  dialects: { place: "dialects/", rooms: [...shared, "syntax"], pure: true },
  "dialects/postgres": { place: "dialects/postgres/", rooms: [...shared, "syntax", "syntax/postgres", "dialects"], pure: true },
  "dialects/mysql": { place: "dialects/mysql/", rooms: [...shared, "syntax", "syntax/mysql", "dialects"], pure: true },
  plan: { place: "plan/", rooms: [...shared, "operations", "dialects"], pure: true },
  diff: { place: "diff/", rooms: ["schema", "operations", "dialects"], pure: true },
  lint: { place: "lint/", rooms: planning, pure: true },
  drivers: { place: "drivers/", rooms: ["schema", "dialects"] },
  // Answers what planning asks with the server's words and the engine's syntax trees.
  "drivers/postgres": {
    place: "drivers/postgres/",
    rooms: ["schema", "dialects", "dialects/postgres", "syntax", "syntax/postgres", "drivers"],
    packages: ["pg", "pg-cursor", "pg-copy-streams"],
  },
  "drivers/mysql": {
    place: "drivers/mysql/",
    rooms: ["schema", "dialects", "dialects/mysql", "syntax", "syntax/mysql", "drivers"],
    packages: ["mysql2"],
  },
  store: { place: "store/", rooms: [...shared, "plan", "drivers"] },
  "store/postgres": { place: "store/postgres/", rooms: [...shared, "plan", "drivers", "store"] },
  "store/mysql": { place: "store/mysql/", rooms: [...shared, "plan", "drivers", "store"] },
  run: { place: "run/", rooms: [...shared, "plan", "store", "drivers", "dialects"] },
  config: { place: "config/", rooms: [] },
  // A source ends in a Migration, which is a type of the plan.
  sources: { place: "sources/", rooms: ["schema", "step", "operations", "syntax", "plan", "lint/compile", "drivers", "sandbox"], packages: ["jiti"] },
  sandbox: { place: "sandbox/", rooms: ["drivers"] },
  "sandbox/postgres": { place: "sandbox/postgres/", rooms: ["drivers", "sandbox"], packages: ["pg"] },
  "sandbox/mariadb": { place: "sandbox/mariadb/", rooms: ["drivers", "drivers/mysql", "sandbox"], packages: ["mysql2"] },
  app: { place: "app/", rooms: [...carrying, ...engines, ...sandboxes, "authoring"] },
  demo: { place: "demo/", rooms: [...carrying, ...engines, ...sandboxes, "app"], packages: ["pg", "mysql2"] },
  cli: { place: "cli/", rooms: ["app", "demo"], packages: ["commander", "@clack/prompts"] },
  public: { place: "index.ts", rooms: ["app", "authoring", ...carrying] },
  authoring: { place: "authoring.ts", rooms: ["config", "operations", "sources"] },
};

/** What every room may import. */
const common = ["words", "sql"];

/** Where an engine may be named: its own folders, and where the parts are put together. */
const namesEngines = (path: string): boolean => /(^|\/)(postgres|mysql|mariadb)\//.test(path) || path === "app/engines.ts" || path.startsWith("demo/");

export const roomOf = (path: string): string =>
  Object.entries(house).reduce((best, [name, { place }]) => (path.startsWith(place) && place.length > (house[best]?.place.length ?? 0) ? name : best), "words");

const root = join(import.meta.dirname, "..", "..");

export const readAll = (folder: string): readonly Source[] =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => ({ path: relative(join(root, folder), file), text: readFileSync(file, "utf8") }));

/** Imports of our own files, as paths from `src/`. */
const localImports = ({ path, text }: Source): readonly string[] =>
  importsOf(text)
    .filter((name) => name.startsWith("."))
    .map((name) => normalize(join(dirname(path), name)));
export const foreignImports = ({ text }: Source): readonly string[] => importsOf(text).filter((name) => !name.startsWith("."));
const packageOf = (name: string): string =>
  name
    .split("/")
    .slice(0, name.startsWith("@") ? 2 : 1)
    .join("/");

export const strayRooms = (sources: readonly Source[]): readonly string[] =>
  sources.flatMap((source) => {
    const room = roomOf(source.path);
    const allowed = new Set([room, ...common, ...(house[room]?.rooms ?? [])]);
    // The words of every room know nobody.
    if (common.includes(room)) allowed.clear();
    return localImports(source)
      .filter((target) => !allowed.has(roomOf(target)) && !(common.includes(room) && roomOf(target) === room))
      .map((target) => `${source.path} (${room}) imports ${target} (${roomOf(target)})`);
  });

export const strayPackages = (sources: readonly Source[]): readonly string[] =>
  sources.flatMap((source) => {
    const { packages = [], pure } = house[roomOf(source.path)] ?? { place: "", rooms: [] };
    return foreignImports(source)
      .filter((name) => (name.startsWith("node:") ? pure && name !== "node:crypto" : !packages.includes(packageOf(name))))
      .map((name) => `${source.path} imports ${name}`);
  });

/** A cycle of a graph as its path, or null. */
export function cycleIn(graph: ReadonlyMap<string, ReadonlySet<string>>): readonly string[] | null {
  const done = new Set<string>();
  const walk = (node: string, path: readonly string[]): readonly string[] | null => {
    if (path.includes(node)) return [...path.slice(path.indexOf(node)), node];
    if (done.has(node)) return null;
    for (const next of graph.get(node) ?? []) {
      const found = walk(next, [...path, node]);
      if (found) return found;
    }
    done.add(node);
    return null;
  };
  for (const node of graph.keys()) {
    const found = walk(node, []);
    if (found) return found;
  }
  return null;
}

/** @param without edges that do not count, as `a imports b`. */
export function graphOf(sources: readonly Source[], node: (path: string) => string, without: readonly string[] = []): ReadonlyMap<string, ReadonlySet<string>> {
  const graph = new Map<string, Set<string>>();
  for (const source of sources) {
    const from = node(source.path);
    const edges = graph.get(from) ?? new Set();
    graph.set(from, edges);
    for (const target of localImports(source)) if (node(target) !== from && !without.includes(`${from} imports ${node(target)}`)) edges.add(node(target));
  }
  return graph;
}

/** Time, chance, environment and waiting: whatever gives another answer tomorrow. `async` is for loading the parser. */
const impure =
  /\bDate\.now\b|\bnew Date\b|\bperformance\.|\bprocess\.|\bMath\.random\b|\bcrypto\.random|\brandom(?:UUID|Bytes|Int)\b|\bset(?:Timeout|Interval|Immediate)\b|\bfetch\(|\bconsole\.|\basync\b|\bawait\b|\bPromise\b/g;

export const impurities = (sources: readonly Source[]): readonly string[] =>
  sources
    .filter(({ path }) => house[roomOf(path)]?.pure)
    .flatMap(({ path, text }) => [...withoutComments(text).matchAll(impure)].map(([word]) => `${path}: ${word}`));

const engineNames = /postgres(?:ql)?|mysql|maria ?db|\bpg_[a-z_]+|\bSQLSTATE\b/gi;

export const namedEngines = (sources: readonly Source[]): readonly string[] =>
  sources
    .filter(({ path }) => !namesEngines(path))
    .flatMap(({ path, text }) =>
      [...new Set([...withoutComments(text).matchAll(engineNames)].map(([name]) => name.toLowerCase()))].map((name) => `${path}: ${name}`),
    );

export const lines = ({ text }: Source): number => text.split("\n").length - 1;

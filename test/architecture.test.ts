// The house rules, read off the sources: who imports whom, what is pure, where engines are named, how long files are.
import { describe, expect, test } from "vitest";
import {
  cycleIn,
  foreignImports,
  graphOf,
  house,
  impurities,
  lines,
  namedEngines,
  readAll,
  roomOf,
  type Source,
  strayPackages,
  strayRooms,
} from "./harness/house.ts";
import { importsOf } from "./harness/source-text.ts";

/** What breaks a rule for now, each with its reason; one that no longer does fails, so that the list only shrinks. */
const exceptions: Readonly<Record<string, string>> = {
  "config/read.ts: postgres": "the schemes that a URL may have",
  "config/read.ts: postgresql": "the schemes that a URL may have",
  "config/read.ts: mysql": "the schemes that a URL may have",
  "config/read.ts: mariadb": "the schemes that a URL may have",
  "operations/add-column.ts: postgresql": "a fix that only one engine offers is said in the operation, not by the dialect",
  "run/tools.ts imports run/acts/module.ts": "a type only",
  "syntax/postgres/parser.ts imports syntax/postgres/print.ts": "types only, the other way",
  "syntax/postgres/parser.ts imports syntax/postgres/printer.ts": "types only, the other way",
};

/** Hashes are the one thing that pure code takes from Node. */
const hashing = ["schema/names.ts", "schema/fingerprint.ts", "plan/hash.ts"];

/** What a rule found, but for the exceptions. */
const besides = (found: readonly string[]): readonly string[] => found.filter((line) => exceptions[line] === undefined);

const isTest = ({ path }: Source): boolean => path.endsWith(".test.ts");

const all = readAll("src");
const sources = all.filter((source) => !isTest(source));

describe("rooms", () => {
  test("a room imports only what the table allows", () => {
    expect(besides(strayRooms(sources))).toEqual([]);
  });

  test("a package is imported only by the room that it serves", () => {
    expect(besides(strayPackages(sources))).toEqual([]);
  });

  test("no rooms import each other in a circle", () => {
    expect(cycleIn(graphOf(sources, roomOf))).toBeNull();
  });

  test("no files import each other in a circle", () => {
    expect(cycleIn(graphOf(sources, (path) => path, Object.keys(exceptions)))).toBeNull();
  });

  test("every file belongs to a room", () => {
    expect(
      sources
        .filter(({ path }) => roomOf(path) === "words")
        .map(({ path }) => path)
        .sort(),
    ).toEqual(["finding.ts", "nearest.ts", "plural.ts", "problem.ts"]);
  });
});

describe("pure rooms", () => {
  test("no clock, no chance, no environment, no waiting", () => {
    const loading = ["syntax/postgres/parser.ts"];
    expect(besides(impurities(sources.filter(({ path }) => !loading.includes(path))))).toEqual([]);
    expect(impurities(sources.filter(({ path }) => loading.includes(path))).filter((found) => !/async|await|Promise/.test(found))).toEqual([]);
  });

  test("node:crypto is for hashing", () => {
    expect(
      sources
        .filter((source) => house[roomOf(source.path)]?.pure && foreignImports(source).includes("node:crypto"))
        .map(({ path }) => path)
        .sort(),
    ).toEqual([...hashing].sort());
  });
});

describe("engines", () => {
  test("are named in their own folders and where the parts are wired", () => {
    expect(besides(namedEngines(sources))).toEqual([]);
  });
});

describe("size", () => {
  test("half of the files are short, nine in ten are under 300 lines, none is over 500", () => {
    const sizes = sources.map(lines).sort((a, b) => a - b);
    const long = [...sources, ...readAll("test")].filter((source) => lines(source) > 300).map((source) => `${source.path} ${lines(source)}`);
    if (long.length > 0) console.info(`longer than 300 lines: ${long.join(", ")}`);
    expect(sizes[Math.floor(sizes.length / 2)]).toBeLessThan(120);
    expect(sizes[Math.floor(sizes.length * 0.9)]).toBeLessThan(300);
    expect([...all, ...readAll("test")].filter((source) => lines(source) > 500).map(({ path }) => path)).toEqual([]);
  });
});

test("an exception that is no longer needed is taken out", () => {
  const found = [...strayRooms(sources), ...strayPackages(sources), ...impurities(sources), ...namedEngines(sources)];
  const all = Object.keys(exceptions);
  const inCircle = (edge: string): boolean =>
    cycleIn(
      graphOf(
        sources,
        (path) => path,
        all.filter((other) => other !== edge),
      ),
    ) !== null;
  expect(all.filter((line) => !found.includes(line) && !inCircle(line))).toEqual([]);
});

describe("the rules see what they forbid", () => {
  const source = (path: string, text: string): Source => ({ path, text });

  test("imports of every form, and nothing in comments and literals", () => {
    const text = [
      'import a from "./a.ts";',
      'import type { B } from "./b.ts";',
      "import {\n  c,\n} from './c.ts';",
      'export * from "./d.ts";',
      'const e = await import("./e.ts");',
      'type F = import("./f.ts").F;',
      'import "./g.ts";',
      '// import x from "./x.ts"',
      '/* import y from "./y.ts" */',
      'const z = `import z from "./z.ts"`;',
      "const quoted = \"import q from './q.ts'\";",
      'const regex = /"/; import h from "./h.ts";',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a template in the source that is read.
      'const nested = `${`${"}"}`} import n from "./n.ts"`;',
    ].join("\n");
    expect(importsOf(text)).toEqual(["./a.ts", "./b.ts", "./c.ts", "./d.ts", "./e.ts", "./f.ts", "./g.ts", "./h.ts"]);
  });

  test("an arrow that the table does not have", () => {
    expect(strayRooms([source("schema/x.ts", 'import type { Step } from "../step/step.ts";')])).toEqual(["schema/x.ts (schema) imports step/step.ts (step)"]);
    expect(strayRooms([source("problem.ts", 'import { x } from "./schema/names.ts";')])).toHaveLength(1);
    expect(strayRooms([source("sql/x.ts", 'import { Problem } from "../problem.ts";')])).toHaveLength(1);
    expect(strayRooms([source("run/x.ts", 'import { x } from "../dialects/postgres/x.ts";')])).toHaveLength(1);
    expect(strayRooms([source("cli/x.ts", 'import { x } from "../run/x.ts";')])).toHaveLength(1);
    expect(
      strayRooms([source("finding.ts", 'import type { Subject } from "./problem.ts";'), source("plan/x.ts", 'import { sql } from "../sql/sql.ts";')]),
    ).toEqual([]);
  });

  test("packages", () => {
    expect(
      strayPackages([
        source("schema/x.ts", 'import { readFileSync } from "node:fs";'),
        source("run/x.ts", 'import pg from "pg";'),
        source("drivers/postgres/x.ts", 'import pg from "pg";'),
      ]),
    ).toEqual(["schema/x.ts imports node:fs", "run/x.ts imports pg"]);
  });

  test("circles", () => {
    const files = [
      source("schema/a.ts", 'import "./b.ts";'),
      source("schema/b.ts", 'import "./c.ts";'),
      source("schema/c.ts", 'import type { A } from "./a.ts";'),
    ];
    expect(cycleIn(graphOf(files, (path) => path))).toEqual(["schema/a.ts", "schema/b.ts", "schema/c.ts", "schema/a.ts"]);
    expect(cycleIn(graphOf(files.slice(0, 2), (path) => path))).toBeNull();
  });

  test("clocks and engines", () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a template in the source that is read.
    expect(impurities([source("plan/x.ts", "const at = `${Date.now()}`; // process.env")])).toEqual(["plan/x.ts: Date.now"]);
    expect(impurities([source("run/x.ts", "const at = Date.now();")])).toEqual([]);
    expect(
      namedEngines([source("run/x.ts", 'if (engine === "postgres") return; // mysql'), source("dialects/postgres/x.ts", 'const engine = "postgres";')]),
    ).toEqual(["run/x.ts: postgres"]);
  });
});

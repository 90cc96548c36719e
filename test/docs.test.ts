// The documentation against the code: a page for every code and rule, links that lead somewhere, commands that exist, examples that plan.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import * as authoring from "../src/authoring.ts";
import { parseArguments } from "../src/cli/arguments.ts";
import { commands } from "../src/cli/commands/index.ts";
import { loadConfig } from "../src/config/load.ts";
import { postgresDialect } from "../src/dialects/postgres/postgres.ts";
import { rewritingWith } from "../src/dialects/postgres/rewriting.ts";
import { operations } from "../src/operations/index.ts";
import { buildPlan, planQuestions } from "../src/plan/build.ts";
import { interpret, type PlanInput } from "../src/plan/interpret.ts";
import { emptySchema } from "../src/schema/edit.ts";
import { type Facts, mergeFacts, noFacts, type Question, questionKey } from "../src/schema/facts.ts";
import type { Schema } from "../src/schema/model.ts";
import { createEvaluate } from "../src/sources/evaluate.ts";
import { pending } from "../src/sources/graph.ts";
import { loadFolder } from "../src/sources/load.ts";
import { phases } from "../src/step/phase.ts";
import { statementFact } from "../src/syntax/postgres/fact.ts";
import { loadPostgresSyntax } from "../src/syntax/postgres/parser.ts";
import { splitFile } from "../src/syntax/postgres/split.ts";

const root = join(import.meta.dirname, "..");
const read = (path: string): string => readFileSync(join(root, path), "utf8");

/** Files below a folder, as paths from the root. */
function files(folder: string, extension: string): readonly string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(extension))
    .map((name) => join(folder, name))
    .sort();
}

const sources = new Map(files("src", ".ts").flatMap((path): [string, string][] => (path.endsWith(".test.ts") ? [] : [[path, read(path)]])));
const pages = new Map(
  ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", ...["docs", "examples", "src"].flatMap((folder) => files(folder, ".md"))].map((path) => [path, read(path)]),
);

describe("every code and every rule has a page", () => {
  /** Splits at the commas of one level; what stands in quotes or brackets stays whole. */
  function split(text: string): readonly string[] {
    const parts = [""];
    let depth = 0;
    for (const piece of text.match(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`|=>|[\s\S]/g) ?? []) {
      if ("([{<".includes(piece)) depth += 1;
      if (")]}>".includes(piece)) depth -= 1;
      if (depth < 0) break;
      if (piece === "," && depth === 0) parts.push("");
      else parts[parts.length - 1] += piece;
    }
    return parts.map((part) => part.trim());
  }

  /** No list of arguments is longer. */
  const farthest = 2000;

  type Makers = ReadonlyMap<string, number>;
  const declaration = /(?:function (\w+)|const (\w+) =)\s*\(/g;

  /** Functions of a file that take the code or rule as an argument, with its place; under their other names too. */
  function makers(text: string, field: string): Makers {
    const found = new Map<string, number>();
    for (const match of text.matchAll(declaration)) {
      const place = split(text.slice(match.index + match[0].length, match.index + farthest)).indexOf(`${field}: string`);
      if (place >= 0) found.set(match[1] ?? match[2] ?? "", place);
    }
    for (const [, alias = "", name = ""] of text.matchAll(/const (\w+) = (\w+);/g)) if (found.has(name)) found.set(alias, found.get(name) ?? 0);
    return found;
  }

  /** Those that a file declares or imports. @param makersIn those that are declared, by path. */
  function atHand(path: string, text: string, makersIn: ReadonlyMap<string, Makers>): Makers {
    const all = new Map(makersIn.get(path));
    for (const [, names = "", from = ""] of text.matchAll(/import \{([^}]*)\} from "(\.[^"]+)"/g)) {
      const there: Makers = makersIn.get(join(dirname(path), from)) ?? new Map();
      for (const name of split(names)) if (there.has(name)) all.set(name, there.get(name) ?? 0);
    }
    return all;
  }

  /** Names that are put together, and what they become. */
  const families: Readonly<Record<string, readonly string[]>> = { "step-${kind}": ["step-refused", "step-denied", "step-failed"] };

  function said(field: "code" | "rule"): ReadonlySet<string> {
    const names = new Set<string>();
    const makersIn = new Map([...sources].map(([path, text]) => [path, makers(text, field)]));
    for (const [path, text] of sources) {
      for (const [, name = ""] of text.matchAll(new RegExp(`\\b${field}: "([a-z][a-z0-9-]*)"`, "g"))) names.add(name);
      for (const [, template = ""] of text.matchAll(new RegExp(`\\b${field}: \`([^\`]*)\``, "g"))) {
        expect(Object.keys(families), `${path} puts a ${field} together`).toContain(template);
        for (const name of families[template] ?? []) names.add(name);
      }
      for (const [maker, place] of atHand(path, text, makersIn)) {
        for (const call of text.matchAll(new RegExp(`(?<!function )\\b${maker}\\(`, "g"))) {
          const argument = split(text.slice(call.index + call[0].length, call.index + farthest))[place] ?? "";
          expect(argument, `the ${field} that ${path} gives to ${maker}`).toMatch(/^"[a-z][a-z0-9-]*"$/);
          names.add(argument.slice(1, -1));
        }
      }
    }
    return names;
  }

  const documented = (folder: string): readonly string[] =>
    files(folder, ".md").flatMap((path) => (path.endsWith("README.md") ? [] : [relative(folder, path).slice(0, -".md".length)]));

  test.each([
    ["code", "docs/problems"],
    ["rule", "docs/findings"],
  ] as const)("%s: %s", (field, folder) => {
    expect(documented(folder)).toEqual([...said(field)].sort());
  });

  test.each(["docs/problems", "docs/findings"])("pages of %s have their name as title, and stand in the index", (folder) => {
    const index = pages.get(join(folder, "README.md")) ?? "";
    for (const name of documented(folder)) {
      const page = pages.get(join(folder, `${name}.md`)) ?? "";
      expect(page.split("\n")[0]).toBe(`# ${name}`);
      expect(page.trim().split("\n").length, name).toBeGreaterThanOrEqual(10);
      expect(index, `index of ${folder}`).toContain(`[${name}](${name}.md)`);
    }
  });
});

describe("what pages name exists", () => {
  const withoutCode = (text: string): string => text.replaceAll(/^```[\s\S]*?^```/gm, "").replaceAll(/`[^`\n]*`/g, "");
  const slug = (heading: string): string =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .trim()
      .replaceAll(/\s/g, "-");
  const headings = (text: string): readonly string[] => [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => slug(heading));

  /** What is wrong with a link of a page; null: nothing. */
  function wrongLink(path: string, target: string): string | null {
    if (/^[a-z]+:/.test(target)) return null;
    const [file = "", anchor] = target.split("#");
    const place = file === "" ? path : relative(root, resolve(root, dirname(path), file));
    if (!existsSync(join(root, place))) return `${path} links to ${target}, which is not there`;
    return anchor === undefined || headings(read(place)).includes(anchor) ? null : `${path} links to ${target}, which has no such heading`;
  }

  test("links", () => {
    const wrong = [...pages].flatMap(([path, text]) =>
      [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = ""]) => wrongLink(path, target) ?? []),
    );
    expect(wrong).toEqual([]);
  });

  test("pages that messages of the program point to", () => {
    const missing = [...sources].flatMap(([path, text]) =>
      [...text.matchAll(/docs\/[a-z/-]+\.md/g)].flatMap(([page]) => (existsSync(join(root, page)) ? [] : [`${path} points to ${page}`])),
    );
    expect(missing).toEqual([]);
  });

  test("files and folders that the tour and the way to contribute name", () => {
    const there = ["src", "test", "docs", "scripts"].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((name) => `/${folder}/${name}`),
    );
    const exists = (path: string): boolean =>
      there.some((each) => (path.endsWith("/") ? `${each}/` : each).endsWith(`/${path}`)) || existsSync(join(root, path));
    const missing = ["docs/tour.md", "CONTRIBUTING.md"].flatMap((page) =>
      [...(pages.get(page) ?? "").matchAll(/`([\w./-]+(?:\.(?:ts|sql|md)|\/))`/g)].flatMap(([, path = ""]) =>
        /[A-Z]{3}/.test(path) || exists(path) ? [] : [`${page} names ${path}`],
      ),
    );
    expect(missing).toEqual([]);
  });

  /** Everything in a page that is to be typed: lines of code blocks, and code in running text. */
  const typed = (text: string): readonly string[] => [
    ...[...text.matchAll(/^```.*\n([\s\S]*?)^```/gm)].flatMap(([, block = ""]) => block.split("\n")),
    ...[...text.replaceAll(/^```[\s\S]*?^```/gm, "").matchAll(/`([^`\n]+)`/g)].map(([, code = ""]) => code),
  ];
  const help = new Map(
    commands.map(({ name }) => {
      const parsed = parseArguments([name, "--help"], commands, "0");
      return [name, parsed.kind === "text" ? parsed.text : ""];
    }),
  );
  const { scripts } = JSON.parse(read("package.json")) as { scripts: Readonly<Record<string, string>> };

  const commandLine = /(?:^\s*|\$ |npx |&& |exec |=\S+ )hotstick ([a-z][a-z-]*)([^#|&]*)/g;

  /** What of a line that is to be typed does not exist. */
  function unknownIn(line: string): readonly string[] {
    const wrong: string[] = [];
    for (const [, name = "", rest = ""] of line.matchAll(commandLine)) {
      const text = help.get(name);
      if (text === undefined) wrong.push(`the command ${name}`);
      for (const [option] of rest.matchAll(/(?<!\S)--?[a-z][a-z-]*/g))
        if (text !== undefined && !new RegExp(`(^|\\s|,)${option}\\b`).test(text)) wrong.push(`${name} ${option}`);
    }
    for (const [, name = ""] of line.matchAll(/npm run ([a-z:]+)/g)) if (scripts[name] === undefined) wrong.push(`npm run ${name}`);
    return wrong;
  }

  test("commands and their options", () => {
    const wrong = [...pages].flatMap(([path, text]) => typed(text).flatMap((line) => unknownIn(line).map((what) => `${path}: ${what} (${line.trim()})`)));
    expect(wrong).toEqual([]);
  });

  test("commands that messages of the program name", () => {
    const wrong = [...sources].flatMap(([path, text]) =>
      [...text.matchAll(/hotstick ([a-z]+)(?: [^\s"'`]+)+/g)].flatMap(([line, name = ""]) =>
        help.has(name) ? unknownIn(line).map((what) => `${path}: ${what} (${line})`) : [],
      ),
    );
    expect(wrong).toEqual([]);
  });

  const has = (path: string, heading: string): boolean => new RegExp(`^#+ \`?${heading}\`?$`, "m").test(pages.get(path) ?? "");

  test("every command and every operation is described", () => {
    const missing = [
      ...commands.flatMap(({ name }) => (has("docs/commands.md", name) || existsSync(join(root, `docs/commands/${name}.md`)) ? [] : [name])),
      ...[...operations.keys()].flatMap((kind) => (has("docs/migrations.md", kind) || existsSync(join(root, `docs/operations/${kind}.md`)) ? [] : [kind])),
    ];
    expect(missing).toEqual([]);
  });
});

describe("what pages and examples show works", () => {
  const scratch = mkdtempSync(join(tmpdir(), "hotstick-docs-"));
  afterAll(() => rmSync(scratch, { recursive: true }));
  const evaluate = createEvaluate({ root: scratch, modules: async () => ({ hotstick: authoring }) });

  /** Migrations as a page shows them: whole files, in TypeScript or with directives in SQL. */
  const shown = [...pages].flatMap(([path, text]) =>
    [...text.matchAll(/^```(ts|sql)\n([\s\S]*?)^```/gm)].flatMap(([, format = "", code = ""], i) =>
      (format === "ts" ? code.includes("export default migration(") : code.includes("-- hotstick:"))
        ? [{ path, format, code, name: `${path.replaceAll(/\W/g, "_")}_${i}` }]
        : [],
    ),
  );

  test.each(shown)("the migration in $path is one ($name)", async ({ format, code, name }) => {
    const folder = mkdtempSync(join(scratch, "page-"));
    for (const [, file = ""] of code.matchAll(/file: "([^"]+)"/g)) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), "");
    }
    writeFileSync(join(folder, `${name}.${format}`), code);
    const [source] = await loadFolder(folder, new Map(), { evaluate, split: splitFile });
    expect(source?.state === "new" ? source.content.operations.length : 0).toBeGreaterThan(0);
  });

  /** What a server would say to questions about a schema in which everything holds. */
  function believed(questions: readonly Question[], statement: (text: string) => Facts["statement"][string]): Facts {
    const answers = questions.map((question): Facts => {
      const key = questionKey(question);
      switch (question.kind) {
        case "size":
          return { ...noFacts, size: { [key]: { rows: 1000, bytes: 65_536, partitions: 0 } } };
        case "empty":
          return { ...noFacts, empty: { [key]: false } };
        case "rights":
          return { ...noFacts, rights: { [key]: { owner: true, seesAllRows: true, create: true } } };
        case "outside":
          return { ...noFacts, outside: { [key]: { texts: [], unseen: [], grants: "" } } };
        case "type":
          return { ...noFacts, type: { [key]: { ok: true, name: question.text, toastable: true, constrained: false } } };
        case "setting":
          return { ...noFacts, setting: { [key]: null } };
        case "replicas":
          return { ...noFacts, replicas: { [key]: [] } };
        case "statement":
          return { ...noFacts, statement: { [key]: statement(question.text) } };
        case "expression":
          return {
            ...noFacts,
            expression: {
              [key]: { ok: true, type: question.target, assignable: true, volatility: "immutable", qualified: question.text, columns: [], total: true },
            },
          };
      }
    });
    return answers.reduce(mergeFacts, noFacts);
  }

  /** What an operation leaves behind has no definitions, which a server would print. */
  const asRead = (schema: Schema): Schema => ({
    ...schema,
    tables: Object.fromEntries(
      Object.entries(schema.tables).map(([key, table]) => {
        const indexes = table.indexes.map((index) =>
          index.definition === "" ? { ...index, definition: `CREATE INDEX ${index.name} ON ${key} USING btree (${index.keys.join(", ")})` } : index,
        );
        return [key, { ...table, indexes }];
      }),
    ),
  });

  const examples = existsSync(join(root, "examples"))
    ? readdirSync(join(root, "examples")).filter((name) => statSync(join(root, "examples", name)).isDirectory())
    : [];
  const load = async (example: string) => {
    const cwd = join(root, "examples", example);
    const config = await loadConfig({ cwd, flags: {}, env: {}, evaluate });
    return pending(new Map(), await loadFolder(config.migrations, new Map(), { evaluate, split: splitFile }));
  };

  test.each(examples)("example %s loads, and every migration of it can be planned", async (example) => {
    const syntax = await loadPostgresSyntax();
    const dialect = postgresDialect(rewritingWith(syntax));
    let schema = emptySchema("postgres", 180_000);
    const migrations = await load(example);
    expect(migrations.length).toBeGreaterThan(0);
    for (const migration of migrations) {
      let input: PlanInput = { migrations: [migration], schema, namespace: "public", facts: noFacts, dialect };
      for (let questions = planQuestions(input); questions.length > 0; questions = planQuestions(input))
        input = {
          ...input,
          facts: mergeFacts(
            input.facts,
            believed(questions, (text) => statementFact(syntax, text)),
          ),
        };
      const { plan, findings } = buildPlan(input, "phased");
      expect(findings.filter((finding) => finding.severity === "refuse")).toEqual([]);
      expect(plan?.steps.length).toBeGreaterThan(0);
      schema = asRead(interpret(input).after);
    }
  });

  test("the examples show every operation, and each says what it is", async () => {
    const kinds = new Set<string>();
    for (const example of examples) {
      expect(existsSync(join(root, "examples", example, "README.md")), `examples/${example}/README.md`).toBe(true);
      for (const migration of await load(example)) for (const operation of migration.operations) kinds.add(operation.kind);
    }
    expect([...kinds].sort()).toEqual([...operations.keys()].sort());
  });
});

test("the glossary has every phase", () => {
  for (const phase of phases) expect(pages.get("docs/glossary.md")).toContain(phase);
});

// Plans of reviewed cases, word by word. HOTSTICK_UPDATE=1 writes what is planned now; review the difference before you keep it.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { engineOf } from "../../src/app/engines.ts";
import type { Operation } from "../../src/operations/operation.ts";
import { type AppDatabase, type AppStand, appStands } from "../harness/app-stands.ts";
import { lifecycleOf, planOf, schemaDifference, schemaOf } from "../harness/lifecycle.ts";
import { newest } from "../harness/majors.ts";
import { planText } from "./plan-text.ts";

const folder = join(import.meta.dirname, "operations");
const cases = readdirSync(folder).sort();
const everything = process.env["HOTSTICK_SCOPE"] === "all";

interface Written {
  readonly operations: readonly Operation[];
  readonly accept?: readonly string[];
}

const at = (name: string, file: string): string => join(folder, name, file);
const has = (name: string, file: string): boolean => existsSync(at(name, file));

/** What each major should plan: the newest's text, but where the oldest's own stands beside it. */
const oldest = 14;
const reviewed = appStands.filter(([, { major }]) => major === null || major === newest || major === oldest);

/** The file of a case: on MariaDB of its own name, where there is one. */
const fileOf = ({ engine }: AppStand, name: string, [stem, end]: readonly [string, string]): string =>
  at(name, engine === "mariadb" && has(name, `${stem}-mariadb.${end}`) ? `${stem}-mariadb.${end}` : `${stem}.${end}`);
const before = (stand: AppStand, name: string): string => readFileSync(fileOf(stand, name, ["before", "sql"]), "utf8");
const written = (stand: AppStand, name: string): Written => JSON.parse(readFileSync(fileOf(stand, name, ["migration", "json"]), "utf8")) as Written;

/** Cases that an engine has: each says what is there before in its own words. */
const casesOf = ({ engine }: AppStand): readonly string[] => (engine === "mariadb" ? cases.filter((name) => has(name, "before-mariadb.sql")) : cases);

/** Where the reviewed plan of a case is. */
function planFile({ engine, major }: AppStand, name: string): string {
  if (engine === "mariadb") return at(name, "plan-mariadb.txt");
  return at(name, major === oldest && has(name, `plan-${oldest}.txt`) ? `plan-${oldest}.txt` : "plan.txt");
}

async function planned(stand: AppStand, db: AppDatabase, name: string): Promise<string> {
  const session = await (await (await engineOf(db.url)).driver(db.url)).connect({ purpose: "test" });
  try {
    const { operations, accept = [] } = written(stand, name);
    // Databases of tests have names of their own, on which the hashes of names rest that are made from them.
    return planText(await planOf(session, db.url, operations, { accept }))
      .replaceAll(db.name, "shop")
      .replaceAll(/(\{\{run\}\}_shop_)[^`]*/g, "$1…");
  } finally {
    await session.close();
  }
}

test("there are cases, and each has all of its files", () => {
  expect(cases.length).toBeGreaterThanOrEqual(12);
  for (const name of cases) {
    expect([name, ...["before.sql", "migration.json", "plan.txt"].filter((file) => !has(name, file))]).toEqual([name]);
    expect([name, has(name, "plan-mariadb.txt")]).toEqual([name, has(name, "before-mariadb.sql")]);
  }
});

/** Writes what is planned now. */
function keep(stand: AppStand, name: string, text: string): void {
  if (stand.major !== oldest) writeFileSync(planFile(stand, name), text);
  else if (text === readFileSync(at(name, "plan.txt"), "utf8")) rmSync(at(name, `plan-${oldest}.txt`), { force: true });
  else writeFileSync(at(name, `plan-${oldest}.txt`), text);
}

describe.each(reviewed)("%s", (_, stand) => {
  test.for(casesOf(stand))("%s", async (name, t) => {
    const db = await stand.databaseFor(t);
    await db.rows(before(stand, name));
    const text = await planned(stand, db, name);
    if (process.env["HOTSTICK_UPDATE"] === "1") return keep(stand, name, text);
    expect(text).toBe(readFileSync(planFile(stand, name), "utf8"));
  });

  const carry = async (name: string, t: Parameters<AppStand["databaseFor"]>[0]) => {
    const db = await stand.databaseFor(t);
    await db.rows(before(stand, name));
    const schema = await schemaOf(db.url);
    const { operations, accept = [] } = written(stand, name);
    const life = await lifecycleOf(db.url, operations, { accept }).catch((error: Error) =>
      error.message.startsWith("refused: ") ? null : Promise.reject(error),
    );
    expect(life === null).toBe(readFileSync(planFile(stand, name), "utf8").endsWith("\nrefused\n"));
    if (life === null) return;
    await life.to("drop");
    await life.undo("start");
    expect(schemaDifference(schema, await schemaOf(db.url))).toEqual([]);
  };
  const carriedCases = everything ? casesOf(stand) : [];
  test.for(carriedCases)("%s carries there and back", (name, t) => carry(name, t));
});

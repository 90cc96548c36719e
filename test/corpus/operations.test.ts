// Plans of reviewed cases, word by word. HOTSTICK_UPDATE=1 writes what is planned now; review the difference before you keep it.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { postgresDriver } from "../../src/drivers/postgres/index.ts";
import type { Operation } from "../../src/operations/operation.ts";
import { lifecycleOf, planOf, schemaDifference, schemaOf } from "../harness/lifecycle.ts";
import { majors, newest } from "../harness/majors.ts";
import { databaseFor } from "../harness/servers.ts";
import { planText } from "./plan-text.ts";

const folder = join(import.meta.dirname, "operations");
const cases = readdirSync(folder).sort();
const everything = process.env["HOTSTICK_SCOPE"] === "all";

interface Written {
  readonly operations: readonly Operation[];
  readonly accept?: readonly string[];
}

const read = (name: string, file: string): string => readFileSync(join(folder, name, file), "utf8");
const written = (name: string): Written => JSON.parse(read(name, "migration.json")) as Written;

async function planned(url: string, name: string): Promise<string> {
  const session = await postgresDriver({ url }).connect({ purpose: "test" });
  try {
    const { operations, accept = [] } = written(name);
    return planText(await planOf(session, url, operations, { accept }));
  } finally {
    await session.close();
  }
}

/** What each major should plan: the newest's text, but where the oldest's own stands beside it. */
const oldest = 14;
const reviewed = [newest, oldest].filter((major, i, all) => majors.includes(major) && all.indexOf(major) === i);

test("there are cases, and each has all of its files", () => {
  expect(cases.length).toBeGreaterThanOrEqual(12);
  for (const name of cases)
    expect([name, ...["before.sql", "migration.json", "plan.txt"].filter((file) => !existsSync(join(folder, name, file)))]).toEqual([name]);
});

describe.each(reviewed)("PostgreSQL %i", (major) => {
  test.for(cases)("%s", async (name, t) => {
    const db = await databaseFor(t, major);
    await db.rows(read(name, "before.sql"));
    const text = await planned(db.url, name);
    const own = join(folder, name, `plan-${oldest}.txt`);
    const file = major === oldest && existsSync(own) ? own : join(folder, name, "plan.txt");
    if (process.env["HOTSTICK_UPDATE"] === "1") {
      if (major === newest) writeFileSync(join(folder, name, "plan.txt"), text);
      else if (text === read(name, "plan.txt")) rmSync(own, { force: true });
      else writeFileSync(own, text);
      return;
    }
    expect(text).toBe(readFileSync(file, "utf8"));
  });

  test.for(everything ? cases : [])("%s carries there and back", async (name, t) => {
    const db = await databaseFor(t, major);
    await db.rows(read(name, "before.sql"));
    const before = await schemaOf(db.url);
    const { operations, accept = [] } = written(name);
    const life = await lifecycleOf(db.url, operations, { accept }).catch((error: Error) =>
      error.message.startsWith("refused: ") ? null : Promise.reject(error),
    );
    expect(life === null).toBe(read(name, "plan.txt").endsWith("\nrefused\n"));
    if (life === null) return;
    await life.to("drop");
    await life.undo("start");
    expect(schemaDifference(before, await schemaOf(db.url))).toEqual([]);
  });
});

// How little a pod asks where nothing is to be done.
import { describe, expect, test } from "vitest";
import { up } from "../../../src/app/up.ts";
import { type AppStand, firstAppStands } from "../../harness/app-stands.ts";
import { hotstick } from "./built.ts";
import { projectFor, script } from "./project.ts";
import { countTurns } from "./turns.ts";

const filesFor = (stand: AppStand) => ({
  "1_users.sql": `create table users (id ${stand.identity} primary key, name ${stand.text()});\ninsert into users (name) select concat('n', g) from ${stand.series(2000)};`,
  "2_rename.mjs": script([{ kind: "rename-column", table: "users", from: "name", to: "full_name" }]),
  "3_index.sql": `${stand.index("users_full_name on users (full_name)")};`,
});

/** What only planning needs, and what takes longest to load. */
const parsers = { postgres: /libpg-query|pgsql-deparser|jiti/, mariadb: /jiti|\/syntax\/mysql\/(fact|effects|alter-actions)\.js/ };

describe.each(firstAppStands)("on %s", (_, stand) => {
  const files = filesFor(stand);

  test("with nothing to do, no more than twelve round trips are made", async (t) => {
    const db = await stand.databaseFor(t);
    const counter = await countTurns(t, db.url);
    const project = projectFor(t, counter.url, files);
    const context = await project.context();
    await up(context, { check: false });
    counter.turns = 0;
    expect(await up(context, { check: false })).toMatchObject({ applied: [], pending: [] });
    expect(counter.turns).toBeLessThanOrEqual(12);
    counter.turns = 0;
    expect(await up(context, { check: true })).toMatchObject({ pending: [] });
    expect(counter.turns).toBeLessThanOrEqual(12);
    t.annotate(`${counter.turns} round trips`);
  });

  test("the parser is not loaded where nothing is planned", async (t) => {
    const db = await stand.databaseFor(t);
    const project = projectFor(t, db.url, files);
    await up(await project.context(), { check: false });
    const loaded = (args: readonly string[]) =>
      hotstick(args, { cwd: project.cwd, url: db.url, traced: true }).then(({ stderr }) => stderr.split("\n").filter((line) => line.startsWith("loads ")));
    expect((await loaded(["plan", "--check"])).length).toBeGreaterThan(0);
    for (const command of ["up", "status", "history"]) {
      const modules = await loaded([command]);
      expect(modules.length).toBeGreaterThan(20);
      expect(modules.filter((line) => parsers[stand.engine].test(line))).toEqual([]);
    }
  });
});

// An ALTER that is sent in parts against the same ALTER as one statement: many of them, over a table that has everything they may meet.
import type { Connection, RowDataPacket } from "mysql2/promise";
import { describe, expect, test } from "vitest";
import { knownTable } from "../../../src/dialects/mysql/native/known.ts";
import { decide } from "../../../src/dialects/mysql/native/native.ts";
import { undoOfParts } from "../../../src/dialects/mysql/native/undo-parts.ts";
import { mysqlDriver } from "../../../src/drivers/mysql/index.ts";
import { findTable } from "../../../src/schema/edit.ts";
import { noFacts } from "../../../src/schema/facts.ts";
import type { Table } from "../../../src/schema/model.ts";
import { hasMariadb, mariadbDatabaseFor, onMysql, versionHere as version } from "../../harness/mariadb.ts";
import { large } from "./planned.ts";

/** Duplicates in b and n, so that rows refuse a unique index; e has a foreign key with an index that the key made for itself. */
const columns =
  "id int not null primary key, a int, b int default 3, c varchar(20), n int not null default 1, fk int, e int, key ka (a), key kb (b, a), unique key uc (c), key kf (fk), constraint f foreign key (fk) references o (id), constraint g foreign key (e) references o (id), constraint ck check (n < 1000)";
const tables = [
  `create table t (${columns}) engine = InnoDB`,
  `create table t (${columns.replace("e int,", "e int, v int as (n + 1) virtual,")}) engine = InnoDB`,
];
const rows = "insert into t (id, a, b, c, n, fk, e) values (1, 10, 5, 'x', 1, 1, 1), (2, 11, 5, 'y', 1, null, 2), (3, 12, null, null, 2, 2, null)";

/** Each with what takes it back. */
const actions: readonly (readonly [string, string])[] = [
  ["add column x int", "drop column x"],
  ["add column x int not null default 4 after a", "drop column x"],
  ["add column y int after x", "drop column y"],
  ["add column y varchar(9) first", "drop column y"],
  ["add column w int as (b + 1) virtual", "drop column w"],
  ["add column z int check (z > 1)", "drop column z"],
  ["add index ix (x)", "drop index ix"],
  ["add index iy (y, b)", "drop index iy"],
  ["add index iw (w)", "drop index iw"],
  ["add index jb (b)", "drop index jb"],
  ["add index jf (fk, n)", "drop index jf"],
  ["add index je (e, n)", "drop index je, add index g (e)"],
  ["add index (a)", "drop index a"],
  ["add index (b)", "drop index b"],
  ["add unique ua (a)", "drop index ua"],
  ["add unique un (n)", "drop index un"],
  ["add unique ux (x)", "drop index ux"],
  ["add constraint us unique key ut (id, n)", "drop index ut"],
  ["alter column b set default 7", "alter column b set default 3"],
  ["alter column n drop default", "alter column n set default 1"],
  ["comment = 'q'", "comment = ''"],
  ["rename index ka to kz", "rename index kz to ka"],
  ["rename index kb to ka", "rename index ka to kb"],
  ["drop index ka", "add index ka (a)"],
  ["drop index kb", "add index kb (b, a)"],
  ["drop index uc", "add unique uc (c)"],
  ["drop index kf", "add index kf (fk)"],
  ["drop index g", "add index g (e)"],
  ["drop column a", "add column a int after id"],
  ["drop column b", "add column b int default 3 after a"],
  ["drop column c", "add column c varchar(20) after b"],
  ["drop column n", "add column n int not null default 1 after c"],
  ["drop column fk", "add column fk int after n"],
  ["drop foreign key f", "add constraint f foreign key (fk) references o (id)"],
];

/** Park and Miller. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

/** Several actions, of which at least one adds a column and one an index, in any order. */
function several(next: (below: number) => number): readonly (readonly [string, string])[] {
  const count = 2 + next(4);
  for (;;) {
    const chosen = new Set<(typeof actions)[number]>();
    while (chosen.size < count) {
      const action = actions[next(actions.length)];
      if (action) chosen.add(action);
    }
    const all = [...chosen];
    if (all.some(([text]) => text.startsWith("add column")) && all.some(([text]) => /^(add (index|unique|constraint)|drop column)/.test(text))) return all;
  }
}

interface Picture {
  readonly create: string;
  readonly rows: string;
}

async function look(session: Connection): Promise<Picture> {
  const [[shown]] = await session.query<RowDataPacket[]>("show create table t");
  const [found] = await session.query<RowDataPacket[]>("select * from t order by id");
  // Columns have an order, and what follows them none that counts.
  const lines = String(shown?.["Create Table"]).replaceAll(/,$/gm, "").split("\n");
  const keys = lines.findIndex((line) => line.includes("KEY"));
  return { create: [...lines.slice(0, keys), ...lines.slice(keys).sort()].join("\n"), rows: JSON.stringify(found) };
}

async function prepare(session: Connection, table: string): Promise<void> {
  await session.query(`drop table if exists t, o; create table o (id int primary key) engine = InnoDB; insert into o values (1), (2); ${table}; ${rows}`);
}

/** The server's refusal; null where it did it. */
const send = (session: Connection, text: string): Promise<string | null> =>
  session.query(text).then(
    () => null,
    (error: Error) => error.message,
  );

/** Keys and columns with their values; what an ALTER sets is not lost with it. */
const kept = ({ create }: Picture): readonly string[] =>
  [...create.matchAll(/`(\w+)`[^\n]*?(?=,?\n)/g)].flatMap(([line, name]) => (/^`k[ab]`/.test(line) ? [] : [name ?? ""]));

/** Sends the parts as far as they go, and takes back what was done; compared only where the undo takes back the whole. */
async function walkedBack(session: Connection, base: string, [whole, undo]: readonly [string, string], table: Table): Promise<string | null> {
  const decided = decide(whole, knownTable(table, large), noFacts, version, true);
  const back = decided && decided.parts.length > 1 ? undoOfParts(decided, undo, version) : null;
  if (!decided || !back) return null;
  await prepare(session, base);
  const before = await look(session);
  if ((await send(session, whole)) === null && ((await send(session, undo)) !== null || (await look(session)).create !== before.create)) return null;
  await prepare(session, base);
  let done = 0;
  for (const { text } of decided.parts) {
    if ((await send(session, text)) !== null) break;
    done++;
  }
  for (const text of back.slice(0, done).reverse()) {
    const refused = await send(session, text);
    if (refused !== null) return `${whole}: its undo ${text} says ${refused}`;
  }
  const after = await look(session);
  const isSame = after.create === before.create && (done === decided.parts.length || after.rows === before.rows);
  return isSame ? null : `${whole}: not walked back to ${before.create} but ${after.create}`;
}

async function compared(session: Connection, base: string, whole: string, table: Table): Promise<{ readonly wrong: string | null; readonly divided: boolean }> {
  const parts = decide(whole, knownTable(table, large), noFacts, version, true)?.parts ?? [];
  if (parts.length < 2) return { wrong: null, divided: false };
  await prepare(session, base);
  const before = await look(session);
  const refused = await send(session, whole);
  const expected = await look(session);
  await prepare(session, base);
  let failed: string | null = null;
  for (const { text } of parts) failed ??= (await send(session, text)) && `${text}: ${await send(session, text)}`;
  const found = await look(session);
  const said = `${whole} (${parts.map(({ text }) => text.slice(14)).join(" | ")})`;
  if (refused === null && failed !== null) return { wrong: `${said}: ${failed}`, divided: true };
  if (refused === null)
    return { wrong: JSON.stringify(found) === JSON.stringify(expected) ? null : `${said}: ${found.create} instead of ${expected.create}`, divided: true };
  if (failed === null) return { wrong: `${said}: done in parts, though the whole says ${refused}`, divided: true };
  const lost = kept(before).filter((name) => !kept(found).includes(name));
  return { wrong: lost.length === 0 ? null : `${said}: refused, and ${lost.join(", ")} is gone`, divided: true };
}

describe.runIf(hasMariadb)("an ALTER of several actions", () => {
  test("ends as one statement would where it is sent in parts, loses nothing where it fails, and is walked back", { timeout: 600_000 }, async (t) => {
    const db = await mariadbDatabaseFor(t);
    const session = await db.connect();
    const driver = mysqlDriver({ url: db.url });
    const reader = await driver.connect({ purpose: "plan" });
    const next = random(20_261_123);
    const wrong: string[] = [];
    let divided = 0;
    for (const base of tables) {
      await prepare(session, base);
      const table = findTable(await driver.introspect(reader), { schema: db.name, name: "t" });
      if (!table) throw new Error("no table t");
      for (let i = 0; i < 400; i++) {
        const chosen = several(next);
        const whole = `alter table t ${chosen.map(([text]) => text).join(", ")}`;
        const seen = await compared(session, base, whole, table);
        if (seen.divided) divided++;
        const back = await walkedBack(session, base, [whole, `alter table t ${chosen.map(([, undo]) => undo).join(", ")}`], table);
        wrong.push(...[seen.wrong, back].filter((each) => each !== null));
      }
    }
    await reader.close();
    expect(wrong).toEqual([]);
    // MySQL makes the table anew for more of them.
    expect(divided).toBeGreaterThan(onMysql ? 20 : 60);
  });
});

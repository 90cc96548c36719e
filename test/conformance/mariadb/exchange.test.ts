// The exchange of two columns' names, on which renames rest: one act for the catalog, the constraints and the rows, whatever happens to the server.
import { describe, expect, test } from "vitest";
import { hasMariadb, mariadbDatabaseFor, ownMariadbFor } from "../../harness/mariadb.ts";

const create = `create table p (k int primary key) engine = InnoDB; insert into p values (1), (2);
create table t (id int primary key, v int not null check (v > 0), g int as (v * 10) virtual, w int not null default -7 invisible, key by_v (v), constraint f foreign key (v) references p (k), constraint c check (v < 100)) engine = InnoDB;
insert into t (id, v, w) values (1, 1, 1), (2, 2, 2);
create table u (v int, constraint uf foreign key (v) references t (v)) engine = InnoDB; insert into u values (1)`;
const there = "alter table t change column v w int not null check (w > 0), change column w v int not null default -7 invisible, algorithm=instant, lock=none";
const back = "alter table t change column w v int not null check (v > 0), change column v w int not null default -7 invisible, algorithm=instant, lock=none";

describe.runIf(hasMariadb)("an exchange of names", () => {
  test("is whole or not at all when the server is killed in it", { timeout: 120_000 }, async (t) => {
    const server = await ownMariadbFor(t, { durable: true });
    const db = await mariadbDatabaseFor(t, server);
    await db.rows(create);
    let turns = 0;
    for (let round = 0; round < 6; round += 1) {
      const looping = (async () => {
        const connection = await db.connect();
        connection.on("error", () => undefined);
        const [shown] = (await connection.query("show create table t")) as unknown as [{ "Create Table": string }[]];
        let turned = /`w` int\(11\) NOT NULL CHECK/.test(shown[0]?.["Create Table"] ?? "");
        for (;;) {
          await connection.query(turned ? back : there);
          turned = !turned;
          turns += 1;
        }
      })().catch((error: unknown) => error);
      await new Promise((resolve) => setTimeout(resolve, 150 + round * 37));
      await server.kill();
      await looping;
      await server.restart();
      const [row] = await db.rows<Record<string, string>>("show create table t");
      const text = row?.["Create Table"] ?? "";
      const name = /`(\w)` int\(11\) NOT NULL CHECK/.exec(text)?.[1] ?? "?";
      const other = name === "v" ? "w" : "v";
      for (const part of [
        `CHECK (\`${name}\` > 0)`,
        `AS (\`${name}\` * 10)`,
        `\`${other}\` int(11) NOT NULL INVISIBLE DEFAULT -7`,
        `KEY \`by_v\` (\`${name}\`)`,
        `FOREIGN KEY (\`${name}\`) REFERENCES \`p\` (\`k\`)`,
        `CONSTRAINT \`c\` CHECK (\`${name}\` < 100)`,
      ])
        expect(text).toContain(part);
      const [referring] = await db.rows<Record<string, string>>("show create table u");
      expect(referring?.["Create Table"]).toContain(`REFERENCES \`t\` (\`${name}\`)`);
      await expect(db.rows(`insert into t (id, ${name}) values (9, 50)`)).rejects.toMatchObject({ errno: 1452 });
      await expect(db.rows(`insert into t (id, ${name}) values (9, -1)`)).rejects.toMatchObject({ errno: 4025 });
      await expect(db.rows(`update t set ${name} = 2 where id = 1`)).rejects.toMatchObject({ errno: 1451 });
      await db.rows(`insert into t (id, ${name}) values (9, 2); delete from t where id = 9`);
      expect(await db.rows("select id, v, w, g from t order by id")).toEqual([
        { id: 1, v: 1, w: 1, g: 10 },
        { id: 2, v: 2, w: 2, g: 20 },
      ]);
      expect(await db.rows("check table t extended")).toMatchObject([{ Msg_text: "OK" }]);
    }
    expect(turns).toBeGreaterThan(20);
  });
});

test.skipIf(hasMariadb)("MariaDB is not installed", () => expect(hasMariadb).toBe(false));

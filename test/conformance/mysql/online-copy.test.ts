// Where the plan lets others write while the server copies a table, the server does so; where it does not, the server would refuse it, or it
// is one of the few cases that are left out on purpose.
import { describe, expect, test } from "vitest";
import { hasMariadb, mariadbDatabaseFor } from "../../harness/mariadb.ts";
import { large, planOf, textsOf } from "../../scenario/mysql-sql/planned.ts";

const columns = "id int primary key, a int, b int, c varchar(20)";
const tables: Readonly<Record<string, string>> = {
  plain: `create table t (${columns}) engine = InnoDB`,
  counted: `create table t (${columns.replace("primary key", "primary key auto_increment")}) engine = InnoDB`,
  keyless: `create table t (${columns.replace("primary key", "")}) engine = InnoDB`,
  child: `create table t (${columns}, foreign key (b) references p (id)) engine = InnoDB`,
  "deleted with its parent": `create table t (${columns}, foreign key (b) references p (id) on delete cascade) engine = InnoDB`,
  "changed by its parent": `create table t (${columns}, foreign key (b) references p (id) on update set null) engine = InnoDB`,
  parent: `create table t (${columns}) engine = InnoDB; create table k (t int, foreign key (t) references t (id) on delete cascade) engine = InnoDB`,
  fulltext: `create table t (${columns}, x text, fulltext (x)) engine = InnoDB`,
  stored: `create table t (${columns}, g int as (a + 1) stored) engine = InnoDB`,
  partitioned: `create table t (${columns}) engine = InnoDB partition by hash (id) partitions 2`,
};
const actions: readonly string[] = [
  "modify a bigint",
  "modify id int not null auto_increment",
  "modify id bigint not null auto_increment",
  "modify c varchar(10)",
  "add column q int as (b + 3) stored",
  "add check (b < 7)",
  "add foreign key (a) references p (id)",
  "convert to character set latin1",
];
/** Slow without a key, so writers are not let in for so long. */
const onPurpose: ReadonlySet<string> = new Set(["keyless"]);

describe.runIf(hasMariadb)("a copy while others write", () => {
  test.for(Object.entries(tables))("of a table: %s", { timeout: 600_000 }, async ([name, create], t) => {
    const db = await mariadbDatabaseFor(t);
    const session = await db.connect();
    const prepare = (): Promise<unknown> =>
      session.query(
        `set foreign_key_checks = 0; drop table if exists k, t, p; set foreign_key_checks = 1; create table p (id int primary key) engine = InnoDB; ${create}`,
      );
    const sent = async (text: string): Promise<number | null> => {
      await prepare();
      return session.query(text).then(
        () => null,
        (error: { errno: number }) => error.errno,
      );
    };
    const wrong: string[] = [];
    for (const action of actions) {
      const statement = `alter table t ${action}`;
      // What the server does not do at all says nothing.
      if ((await sent(`${statement}, algorithm = copy`)) !== null) continue;
      // What needs no copy is no case either.
      if ((await sent(`${statement}, algorithm = inplace`)) === null) continue;
      await prepare();
      const { draft } = await planOf(db, [statement], { size: large });
      const [step] = draft?.steps ?? [];
      if (!step) throw new Error(`${statement} has no plan`);
      const online = step.act.kind === "statements" && textsOf(step.act).join("").includes("LOCK = NONE");
      const accepted = (await sent(`${statement}, algorithm = copy, lock = none`)) === null;
      if (online !== accepted && !(accepted && onPurpose.has(name)))
        wrong.push(`${statement}: ${online ? "asked for" : "not asked for"}, ${accepted ? "accepted" : "refused"}`);
    }
    expect(wrong).toEqual([]);
  });
});

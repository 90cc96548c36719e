// A run that stops anywhere, between two statements that commit by themselves or in the middle of one, goes on or back as if it had not.
import { describe, expect, test } from "vitest";
import type { Operation } from "../../../src/operations/operation.ts";
import type { Checkpoint } from "../../../src/run/checkpoints.ts";
import { hasMariadb, onMysql } from "../../harness/mariadb.ts";
import { look } from "./lived.ts";
import { withRun } from "./stopping.ts";

interface Case {
  readonly create: string;
  readonly operations: readonly Operation[];
  readonly accept?: readonly string[];
}

/** What hangs on a column beside its foreign key and indexes, which MySQL lets nobody rename or give back. */
const onMariadb = (text: string): string => (onMysql ? "" : text);

const cases: Readonly<Record<string, Case>> = {
  split: {
    create:
      "create table t (id int primary key, name varchar(100) not null, day date, unique key one_name (name), key both_names (day, name)) engine = InnoDB; insert into t select seq, concat('Ada ', seq), null from seq_1_to_50",
    operations: [
      {
        kind: "transform",
        table: "t",
        from: ["name"],
        to: [{ name: "called", type: "varchar(120)", notNull: true, up: "concat(name, '!')" }],
        down: { name: "left(called, char_length(called) - 1)" },
      },
    ],
  },
  swap: {
    create: "create table t (id int primary key, v int not null, key by_v (v)) engine = InnoDB; insert into t select seq, seq from seq_1_to_50",
    operations: [
      {
        kind: "transform",
        table: "t",
        from: ["v"],
        to: [{ name: "v", type: "varchar(40)", notNull: true, up: "cast(v as char)" }],
        down: { v: "cast(v as signed)" },
      },
    ],
    accept: ["swaps-names"],
  },
  exchange: {
    create: `create table p (k int primary key) engine = InnoDB; insert into p select seq from seq_1_to_50; create table t (id int primary key, v tinyint not null${onMariadb(" check (v > 0)")}, k int not null, ${onMariadb("g int as (`v` + 1) virtual, ")}unique key one_v (v), constraint f foreign key (k) references p (k)${onMariadb(", constraint c check (k >= v)")}) engine = InnoDB; insert into t (id, v, k) select seq, seq, seq from seq_1_to_50`,
    operations: [
      { kind: "rename-column", table: "t", from: "v", to: "w" },
      { kind: "rename-column", table: "t", from: "k", to: "l" },
    ],
  },
  "constraints that end": {
    create: `create table p (k int primary key) engine = InnoDB; insert into p select seq from seq_1_to_50; create table t (id int primary key, v int not null${onMariadb(" check (v > 0)")}, kept int, constraint f foreign key (v) references p (k)) engine = InnoDB; insert into t (id, v) select seq, seq from seq_1_to_50`,
    operations: [{ kind: "drop-column", table: "t", column: "v", down: "1" }],
  },
  drop: {
    create:
      "create table t (id int primary key, gone varchar(20) not null, kept int, key by_gone (gone)) engine = InnoDB; insert into t select seq, concat('v', seq), seq from seq_1_to_50",
    operations: [{ kind: "drop-column", table: "t", column: "gone", down: "'none'" }],
  },
};

const watched: ReadonlySet<Checkpoint> = new Set<Checkpoint>([
  "statement:intended",
  "statement:sent",
  "statement:returned",
  "batch:committed",
  "step:after",
  "phase:after",
]);

/** More where HOTSTICK_THOROUGH is set. */
const every = process.env["HOTSTICK_THOROUGH"] === undefined ? 17 : 1;

describe.runIf(hasMariadb)("a run that stops", () => {
  describe.each(Object.keys(cases))("%s", (name) => {
    const of = cases[name] as Case;

    test("on its way there goes on or back", { timeout: 600_000 }, async () => {
      let total = 0;
      let end: unknown;
      await withRun(of, watched, async (db, run, stop) => {
        await run.to("drop");
        total = stop.met;
        end = await look(db, "t");
      });
      for (let at = 1; at <= total; at += every) {
        for (const back of at % 2 === 0 ? [true] : [false, true]) {
          await withRun(of, watched, async (db, run, stop) => {
            const before = await look(db, "t");
            stop.at = at;
            await expect(run.to("drop"), `stop ${at} of ${total}`).rejects.toThrow(/stopped here/);
            stop.at = 0;
            const state = await (back ? run.back("start") : run.to("drop"));
            expect(state.outcome).toBe(back ? "reverted" : "applied");
            const seen = await look(db, "t");
            const same = (text: string): string => text.replaceAll(/hotstick_kept_\d+/g, "kept");
            expect({ ...seen, create: same(seen.create) }, `${back ? "back" : "on"} from stop ${at} of ${total}`).toEqual(
              back ? before : { ...(end as typeof seen), create: same((end as typeof seen).create) },
            );
          });
        }
      }
    });

    test("on its way back goes on", { timeout: 600_000 }, async () => {
      let total = 0;
      await withRun(of, watched, async (_, run, stop) => {
        await run.to("drop");
        stop.met = 0;
        await run.undo("start");
        total = stop.met;
      });
      for (let at = 1; at <= total; at += every) {
        await withRun(of, watched, async (db, run, stop) => {
          const before = await look(db, "t");
          await run.to("drop");
          stop.met = 0;
          stop.at = at;
          await expect(run.undo("start"), `stop ${at} of ${total}`).rejects.toThrow(/stopped here/);
          stop.at = 0;
          expect((await run.back("start")).outcome).toBe("reverted");
          expect(await look(db, "t"), `from stop ${at} of ${total}`).toEqual(before);
        });
      }
    });
  });
});

test.skipIf(hasMariadb)("MariaDB is not installed", () => expect(hasMariadb).toBe(false));

import { describe, expect, test } from "vitest";
import { checkRows } from "./check.ts";
import type { Inspector, LockWait, UserRow } from "./engine.ts";
import { Latencies, longest, percentile } from "./latency.ts";
import { Ledger } from "./ledger.ts";
import { behindHotstick } from "./locks.ts";
import { nameOf } from "./names.ts";
import { up } from "./split.ts";
import { fewestRows, Traffic } from "./traffic.ts";

describe("latencies", () => {
  test("percentiles are exact", () => {
    const values = Array.from({ length: 100 }, (_, i) => 100 - i);
    expect([percentile(values, 50), percentile(values, 99), percentile(values, 100), percentile([], 99)]).toEqual([50, 99, 100, 0]);
    expect([longest(values), longest([])]).toEqual([100, 0]);
  });
  test("a request belongs to every stretch in which it was under way", () => {
    const latencies = new Latencies();
    latencies.add([0, 50, 100, 5, 200, 5]);
    expect(latencies.within([[40, 110]])).toEqual([50, 5]);
    expect(latencies.since(100)).toEqual([5, 5]);
  });
  test("slots hold the longest, and nothing where nothing was due", () => {
    const latencies = new Latencies();
    latencies.add([1000, 4, 1400, 9, 2600, 1]);
    expect(latencies.slots(2700, 500, 5)).toEqual([null, 9, null, null, 1]);
  });
});

describe("lock waits", () => {
  const wait = (session: number, ...behind: number[]): LockWait => ({ session, application: "old", ms: 1, table: true, behind });
  const sessions = (waits: readonly LockWait[]) => behindHotstick({ waits, hotstick: [1, 2] }).map(({ session }) => session);

  test("who waits for Hotstick is found, and who waits for them", () => expect(sessions([wait(12, 11), wait(11, 10), wait(10, 1)])).toEqual([12, 11, 10]));
  test("applications that wait for each other are their own business", () => expect(sessions([wait(10, 11)])).toEqual([]));
  test("Hotstick itself may wait", () => expect(sessions([wait(1, 10)])).toEqual([]));
});

describe("rows held against what was written", () => {
  const seeded = 20;
  const seed = (): UserRow[] => Array.from({ length: seeded }, (_, i) => ({ id: i + 1, revision: 0, name: nameOf(i + 1), ...up(nameOf(i + 1)) }));
  const judge = (rows: readonly UserRow[], before = new Ledger(), after = before) => {
    const inspector = {
      columns: async () => new Set(["name", "first_name"]),
      rows: async (_: string, last: number, limit: number) => rows.filter(({ id }) => id > last).slice(0, limit),
    } as unknown as Inspector;
    return checkRows({ inspector, table: "users", seeded, before, after: async () => after });
  };
  const ledger = (id: number, revision: number, name: string | null): Ledger => {
    const made = new Ledger();
    made.note(id, { revision, value: { side: "old", name } });
    return made;
  };
  const withRow = (row: UserRow): UserRow[] => [...seed().filter(({ id }) => id !== row.id), row].sort((a, b) => a.id - b.id);

  test("all is well", async () => expect(await judge(seed())).toMatchObject({ rows: seeded, passedOver: 0, wrongRows: 0, lostWrites: 0, messages: [] }));
  test("a wrong part is a wrong row", async () =>
    expect(await judge(withRow({ id: 3, revision: 0, name: nameOf(3), first: "?", last: null }))).toMatchObject({ wrongRows: 1 }));
  test("an old revision is a lost write", async () => expect(await judge(seed(), ledger(3, 2, "x"))).toMatchObject({ lostWrites: 1 }));
  test("a row that is gone is a lost write, inserted or there from the beginning", async () => {
    expect(await judge(seed().slice(1))).toMatchObject({ lostWrites: 1 });
    expect(await judge(seed(), ledger(99, 1, "x"))).toMatchObject({ lostWrites: 1, messages: ["row 99 was inserted and is not there"] });
  });
  test("a deleted row that is there is a lost write", async () => {
    const gone = new Ledger();
    gone.note(3, { revision: 1, value: null });
    expect(await judge(seed(), gone)).toMatchObject({ lostWrites: 1 });
  });
  test("what was written while rows were read cannot be judged", async () => {
    expect(await judge(seed(), new Ledger(), ledger(3, 1, "x"))).toMatchObject({ lostWrites: 0, wrongRows: 0, passedOver: 1 });
    expect(await judge(withRow({ id: 3, revision: 1, name: "x" }))).toMatchObject({ passedOver: 1 });
  });
});

describe("traffic", () => {
  const traffic = (side: "old" | "new", gone: readonly number[] = []) => new Traffic({ side, rows: fewestRows, life: 1, gone });

  test("has everything in it, and both applications write half of the rows", () => {
    const written = (side: "old" | "new") => {
      const each = traffic(side);
      const requests = Array.from({ length: 5000 }, () => each.next());
      expect(new Set(requests.map(({ kind }) => kind)).size).toBe(7);
      return new Set(requests.flatMap((request) => (request.kind === "update" ? [request.id] : [])));
    };
    const [old, fresh] = [written("old"), written("new")];
    expect([...old].filter((id) => fresh.has(id)).every((id) => id % 4 > 1)).toBe(true);
    expect([...old].filter((id) => fresh.has(id)).length).toBeGreaterThan(50);
  });
  test("never asks again to write what was deleted, in this life or an earlier one", () => {
    const each = traffic("old", [4, 8]);
    const deleted = new Set([4, 8]);
    for (let i = 0; i < 5000; i += 1) {
      const request = each.next();
      if (request.kind === "update" || request.kind === "touch" || request.kind === "delete") expect(deleted.has(request.id)).toBe(false);
      if (request.kind === "delete") deleted.add(request.id);
      if (request.kind === "insert") each.made(2000 + i, request.email);
    }
    expect(deleted.size).toBeGreaterThan(50);
  });
});

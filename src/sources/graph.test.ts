import fc from "fast-check";
import { expect, test } from "vitest";
import { compareNames } from "./folder.ts";
import { order, pending, resolveParents } from "./graph.ts";
import type { Known, Source } from "./load.ts";

const source = (name: string, parents: readonly string[] | null = null): Source => ({
  name,
  path: `/m/${name}.ts`,
  bytesHash: name,
  state: "new",
  content: { operations: [], parents, accept: [] },
  contentHash: name,
});
const names = (sources: readonly Source[], known: readonly string[] = []) =>
  pending(new Map<string, Known>(known.map((name) => [name, { bytesHash: name, contentHash: name }])), sources).map(({ name }) => name);

test("without stated parents the file before it is the parent, applied or not", () => {
  const parents = resolveParents([{ name: "c", parents: null }], ["a", "b"]);
  expect(parents.get("c")).toEqual(["b"]);
  expect(names([source("b"), source("a"), source("c")])).toEqual(["a", "b", "c"]);
});

test("a stated parent goes first, whatever its name", () => {
  expect(names([source("a", ["z"]), source("b", []), source("z", [])])).toEqual(["b", "z", "a"]);
});

test("a migration that was merged in before an applied one is pending", () => {
  expect(names([{ ...source("a"), state: "unchanged" } as Source, source("b"), { ...source("c"), state: "unchanged" } as Source], ["a", "c"])).toEqual(["b"]);
});

test("an unknown parent is refused, with a guess", () => {
  expect(() => names([source("add_users", []), source("b", ["add_user"])])).toThrow(
    expect.objectContaining({ code: "unknown-parent", message: expect.stringContaining('Did you mean "add_users"?') }),
  );
});

test("a circle is refused and spelt out", () => {
  expect(() => names([source("a", []), source("b", ["d"]), source("c", ["b"]), source("d", ["c"]), source("e", ["d"])])).toThrow(
    expect.objectContaining({ code: "migration-cycle", message: "Migrations come after each other in a circle: b after d after c after b." }),
  );
});

/** A graph without circles: each node's parents are among the ones before it in a shuffled order. */
const graphs = fc
  .uniqueArray(fc.stringMatching(/^[0-9a-z]{1,3}$/), { maxLength: 20 })
  .chain((all) =>
    fc.tuple(...all.map((name, i) => fc.tuple(fc.constant(name), fc.subarray(all.slice(0, i))))).map((pairs) => new Map<string, readonly string[]>(pairs)),
  );

test("every parent comes before its children, each name once, and only where it must out of the order of names", () => {
  fc.assert(
    fc.property(graphs, (parents) => {
      const ordered = order(parents);
      expect([...ordered].sort()).toEqual([...parents.keys()].sort());
      const place = new Map(ordered.map((name, i) => [name, i]));
      for (const [name, all] of parents) for (const parent of all) expect(place.get(parent)!).toBeLessThan(place.get(name)!);
      // At every place stands the first name of those whose parents are done.
      ordered.forEach((name, i) => {
        const done = new Set(ordered.slice(0, i));
        const ready = ordered.slice(i).filter((other) => parents.get(other)!.every((parent) => done.has(parent)));
        expect(ready.sort(compareNames)[0]).toBe(name);
      });
      expect(order(new Map([...parents].reverse()))).toEqual(ordered);
    }),
  );
});

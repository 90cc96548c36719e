// Migrations as a graph: whose parents are whose, in which order they go, and which are still to do. Pure.
import { didYouMean } from "../nearest.ts";
import type { Migration } from "../plan/plan.ts";
import { Problem } from "../problem.ts";
import { compareNames } from "./folder.ts";
import { type EvaluatedSource, type Known, migrationOf, type Source } from "./load.ts";

export interface Node {
  readonly name: string;
  /** Null: the node before it by name. */
  readonly parents: readonly string[] | null;
}

/**
 * The parents of each node, by its name.
 * @param others names of migrations that exist but are no nodes, because they are known to be done.
 * @throws Problem `unknown-parent`.
 */
export function resolveParents(nodes: readonly Node[], others: readonly string[] = []): ReadonlyMap<string, readonly string[]> {
  const names = [...new Set([...nodes.map(({ name }) => name), ...others])].sort(compareNames);
  const before = new Map(names.map((name, i) => [name, i === 0 ? [] : [names[i - 1]!]]));
  const known = new Set(names);
  return new Map(
    nodes.map(({ name, parents }) => {
      const missing = parents?.find((parent) => !known.has(parent));
      if (missing !== undefined) throw unknownParent(name, missing, names);
      return [name, parents ?? before.get(name)!];
    }),
  );
}

const unknownParent = (name: string, parent: string, names: readonly string[]): Problem =>
  new Problem({
    code: "unknown-parent",
    message: `Migration ${name} comes after ${parent}, which is neither in the folder nor applied.${didYouMean(parent, names)}`,
    hint: `Correct parents in ${name}, or add the file of ${parent}.`,
    subject: { kind: "migration", name },
  });

/** Follows parents from a node that is on a cycle or leads to one, until a name comes again. */
function cycleFrom(start: string, parents: ReadonlyMap<string, readonly string[]>, stuck: ReadonlySet<string>): readonly string[] {
  const path: string[] = [];
  for (let name = start; ; name = parents.get(name)!.find((parent) => stuck.has(parent))!) {
    const seen = path.indexOf(name);
    if (seen >= 0) return [...path.slice(seen), name];
    path.push(name);
  }
}

/**
 * Names with every parent before its children, otherwise in the order of names.
 * @throws Problem `migration-cycle`.
 */
export function order(parents: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const children = new Map<string, string[]>();
  const open = new Map<string, number>();
  for (const [name, all] of parents) {
    const counted = new Set(all.filter((parent) => parents.has(parent)));
    open.set(name, counted.size);
    for (const parent of counted) {
      const siblings = children.get(parent);
      if (siblings) siblings.push(name);
      else children.set(parent, [name]);
    }
  }
  const ready = [...parents.keys()].filter((name) => open.get(name) === 0).sort((a, b) => compareNames(b, a));
  const ordered: string[] = [];
  for (let name = ready.pop(); name !== undefined; name = ready.pop()) {
    ordered.push(name);
    const freed = (children.get(name) ?? []).filter((child) => open.set(child, open.get(child)! - 1).get(child) === 0);
    // Nearly sorted, which the sort notices: a chain costs next to nothing.
    if (freed.length > 0) {
      ready.push(...freed);
      ready.sort((a, b) => compareNames(b, a));
    }
  }
  if (ordered.length === parents.size) return ordered;
  const done = new Set(ordered);
  const stuck = new Set([...parents.keys()].filter((name) => !done.has(name)));
  const cycle = cycleFrom([...stuck].sort(compareNames)[0]!, parents, stuck);
  throw new Problem({
    code: "migration-cycle",
    message: `Migrations come after each other in a circle: ${cycle.join(" after ")}.`,
    hint: "Take one of these parents out; a file that states none comes after the one before it by name.",
    subject: { kind: "migration", name: cycle[0]! },
  });
}

/**
 * The migrations that the database does not know, in the order in which they go.
 * @throws Problem `unknown-parent`, `migration-cycle`.
 */
export function pending(known: ReadonlyMap<string, Known>, sources: readonly Source[]): readonly Migration[] {
  const fresh = sources.filter((source): source is EvaluatedSource => source.state === "new");
  const others = [...known.keys(), ...sources.map(({ name }) => name)];
  const parents = resolveParents(
    fresh.map(({ name, content }) => ({ name, parents: content.parents })),
    others,
  );
  const byName = new Map(fresh.map((source) => [source.name, source]));
  return order(parents).map((name) => migrationOf(byName.get(name)!, parents.get(name)!));
}

// What was applied does not change: a missing or edited file is refused, never skipped. Pure.
import type { Migration } from "../plan/plan.ts";
import { Problem } from "../problem.ts";
import { canonicalJson } from "./hash.ts";
import { diffLines, excerptOf } from "./lines.ts";
import type { EvaluatedSource, Known, Source } from "./load.ts";

/**
 * Refuses where the file of a known migration is gone; but not in the folder of an older version of the application, which ends before
 * them and has nothing to apply: while two versions are at work, a process of the older one may start at any time.
 * @param idle nothing of the folder is pending.
 * @returns known migrations that are newer than the whole folder.
 * @throws Problem `migration-missing`.
 */
export function refuseMissing(known: ReadonlyMap<string, Known>, sources: readonly Source[], idle: boolean): readonly string[] {
  const there = new Set(sources.map(({ name }) => name));
  const missing = [...known].flatMap(([name, { bytesHash }]) => (bytesHash === null || there.has(name) ? [] : [name]));
  const isOlder = idle && sources.length > 0 && missing.every((name) => sources.every((source) => source.name < name));
  if (missing.length === 0 || isOlder) return missing;
  const some = missing.slice(0, 5).join(", ") + (missing.length > 5 ? ` and ${missing.length - 5} more` : "");
  throw new Problem({
    code: "migration-missing",
    message: `${missing.length === 1 ? "A migration was" : `${missing.length} migrations were`} applied to this database but ${missing.length === 1 ? "has" : "have"} no file: ${some}.`,
    hint: "Bring the files back from version control (is this the right branch, and the right database?).",
    subject: { kind: "migration", name: missing[0]! },
    exit: 4,
    details: { missing },
  });
}

/** Sources that say something else than what was applied. */
export const editedSources = (sources: readonly Source[]): readonly EvaluatedSource[] =>
  sources.filter((source): source is EvaluatedSource => source.state === "edited");

/** What differs, as text. */
export function difference(stored: Migration, source: EvaluatedSource): string {
  const text = (value: { readonly operations: unknown; readonly accept: readonly string[] }): string =>
    canonicalJson({ operations: value.operations, accept: value.accept.toSorted() }, 2);
  const [before, after] = [text(stored), text(source.content)];
  if (before === after) return `parents: ${stored.parents.join(", ") || "none"} when it was applied, ${source.content.parents?.join(", ") ?? "not stated"} now`;
  return excerptOf(diffLines(before, after));
}

/**
 * Refuses where a file says something else than what was applied, showing the difference.
 * @param stored what was applied, by name; it holds at least the `editedSources`.
 * @throws Problem `migration-edited`.
 */
export function refuseEdited(sources: readonly Source[], stored: ReadonlyMap<string, Migration>): void {
  const edited = editedSources(sources).map((source) => {
    const before = stored.get(source.name);
    return { name: source.name, path: source.path, difference: before ? difference(before, source) : "" };
  });
  const [first, ...rest] = edited;
  if (!first) return;
  const others = rest.length > 0 ? ` So were ${rest.map(({ name }) => name).join(", ")}.` : "";
  throw new Problem({
    code: "migration-edited",
    message: `Migration ${first.name} was edited after it was applied.${others}${first.difference === "" ? "" : `\n${first.difference}`}`,
    hint: `Bring the file back to what was applied (\`git log -p ${first.path}\`), and put the change into a new migration: \`hotstick new\`.`,
    subject: { kind: "migration", name: first.name },
    exit: 4,
    details: { edited },
  });
}

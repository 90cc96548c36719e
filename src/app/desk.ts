// What lies before a command: what the database knows, the files of the folder, and which of them are pending.
import type { Migration } from "../plan/plan.ts";
import { pending } from "../sources/graph.ts";
import { editedSources, refuseEdited, refuseMissing } from "../sources/immutable.ts";
import { type Known, loadFolder, type Source } from "../sources/load.ts";
import type { KnownMigration, Overview } from "../store/store.ts";
import type { Parts } from "./parts.ts";

export interface Desk {
  readonly overview: Overview;
  readonly sources: readonly Source[];
  /** In the order in which they go. */
  readonly pending: readonly Migration[];
}

const byName = (migrations: readonly KnownMigration[]): ReadonlyMap<string, Known> => new Map(migrations.map((each) => [each.name, each]));

/** Applied or under way; what was rolled back may be applied again. */
export const inForce = ({ migrations }: Overview): readonly KnownMigration[] => migrations.filter(({ state }) => state !== "reverted");

/**
 * Reads the store in one round trip, then the folder; no file that is known is evaluated.
 * @param writes notes the new bytes of files that were only reformatted.
 * @throws Problem `migration-missing`, `migration-edited` (exit 4), and what reading files throws.
 */
export async function readDesk({ ask, engine, store, context, teller }: Parts, { writes }: { readonly writes: boolean }): Promise<Desk> {
  const overview = await ask((session) => store.overview(session));
  const known = byName(inForce(overview));
  const sources = await loadFolder(context.config.migrations, known, { evaluate: context.evaluate, split: await engine.split() });
  const waiting = pending(known, sources);
  // A run that is open has what it needs in the database; its file comes with the new code.
  const newer = refuseMissing(byName(overview.migrations.filter(({ state }) => state === "applied")), sources, waiting.length === 0);
  if (newer.length > 0) teller.note(`${newer.join(", ")}: applied here, and newer than this folder, which has nothing to add.`);
  if (editedSources(sources).length > 0) {
    const stored = await ask((session) => store.migrations(session));
    refuseEdited(sources, new Map(stored.map((each) => [each.name, each])));
  }
  for (const source of writes ? sources : []) {
    if (source.state === "reformatted") await ask((session) => store.reformat(session, source.name, source.bytesHash));
  }
  return { overview, sources, pending: waiting };
}

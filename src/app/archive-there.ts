// Whether what a way back gives values back from is still there: archives may be dropped when nobody wants them any more.
import { fill, holesOf } from "../run/holes.ts";
import type { Step, StepCore } from "../step/step.ts";
import type { RunState } from "../store/fold.ts";
import type { ArchiveRecord } from "../store/store.ts";
import type { Parts } from "./parts.ts";
import { archiveGone } from "./problems.ts";

const textsOf = ({ act }: StepCore): readonly string[] =>
  act.kind === "statements" ? act.statements : act.kind === "batches" && act.apply !== null ? [act.apply] : [];

/** Its statements hold the archive's name just as the record does. */
const reads = (core: StepCore, { run, archive }: ArchiveRecord, state: RunState): boolean =>
  textsOf(core).some((text) => fill(text, holesOf(run, state, core.group)).includes(archive));

/**
 * @param steps those that are to be walked back. @param gone keys of tables that somebody has dropped: nothing is given back to them.
 * @throws Problem `no-way-back` where an archive that they read is not there.
 */
export async function refuseWithoutArchive(
  { ask, store }: Parts,
  run: number,
  state: RunState,
  steps: readonly Step[],
  gone: ReadonlySet<string>,
): Promise<void> {
  const lost = (await ask((session) => store.archives(session, run))).filter(({ there, source }) => !there && !gone.has(source));
  const left = lost.length === 0 ? [] : steps.flatMap(({ id, undo }) => undo.filter((core) => !state.undoDone[id]?.includes(core.id)));
  const wanted = lost.filter((record) => left.some((core) => reads(core, record, state)));
  if (wanted.length > 0) throw archiveGone(run, wanted, state.outcome === null);
}

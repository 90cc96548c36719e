// Telling how far a long statement is, from another connection.
import type { RunContext } from "../context.ts";
import { Meter } from "../progress.ts";
import type { Task } from "../route.ts";

const everyMs = 1_000;

export interface Watching {
  stop(): Promise<void>;
}

/** Asks the server every second until stopped. An answer that fails is no reason to stop the statement. */
export function watchProgress(context: RunContext, task: Task, pid: number): Watching {
  const stopping = new AbortController();
  const meter = new Meter();
  const look = async (): Promise<void> => {
    const [rows] = await context.side.use((session) => session.script([context.dialect.progress(pid)]));
    const row = rows?.[0] as { readonly doing: string; readonly done: number | null; readonly total: number | null } | undefined;
    if (row === undefined) return;
    meter.mark(context.clock.now(), row.done ?? 0);
    context.report({ kind: "progress", step: task.core.id, progress: meter.progress(row.total, 1, row.doing) });
  };
  const watch = async (): Promise<void> => {
    for (;;) {
      await context.clock.sleep(everyMs, stopping.signal, context.lease.lost);
      if (stopping.signal.aborted || context.lease.lost.aborted) return;
      await look().catch(() => undefined);
    }
  };
  const watching = watch();
  return {
    async stop() {
      stopping.abort();
      await watching;
    },
  };
}

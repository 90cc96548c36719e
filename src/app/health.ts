// One thing that `doctor` looks at, whatever the engine.
import type { Session } from "../drivers/driver.ts";
import type { DoctorCheck } from "./contract.ts";

export type Verdict = Omit<DoctorCheck, "title">;

export interface Check {
  readonly title: string;
  readonly ask: (session: Session) => Promise<Verdict>;
}

export const good = (message: string): Verdict => ({ state: "good", message, fix: null });
/** A run works without it. @param message also says what its lack costs. */
export const warn = (message: string, fix: string | null): Verdict => ({ state: "warn", message, fix });
/** A run would fail. */
export const bad = (message: string, fix: string): Verdict => ({ state: "bad", message, fix });

/** Up to five names. */
export const some = (names: readonly string[]): string => names.slice(0, 5).join(", ") + (names.length > 5 ? ` and ${names.length - 5} more` : "");

/** In their order. A check that cannot be made says so; the others go on. */
export async function askAll(session: Session, checks: readonly Check[]): Promise<readonly DoctorCheck[]> {
  const results: DoctorCheck[] = [];
  for (const { title, ask } of checks) {
    try {
      results.push({ title, ...(await ask(session)) });
    } catch (error) {
      results.push({ title, state: "warn", message: `could not be asked: ${error instanceof Error ? error.message : String(error)}`, fix: null });
    }
  }
  return results;
}

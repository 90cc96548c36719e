// One thing that `doctor` looks at.
import type { Session } from "../../../drivers/driver.ts";
import type { DoctorCheck } from "../../contract.ts";

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

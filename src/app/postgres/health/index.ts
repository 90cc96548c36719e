// What a PostgreSQL server has and lacks for a run: one list, in the order in which it is shown.
import type { Session } from "../../../drivers/driver.ts";
import type { DoctorCheck } from "../../contract.ts";
import { activity } from "./activity.ts";
import type { Check } from "./check.ts";
import { replication } from "./replication.ts";
import { rights } from "./rights.ts";
import { settings } from "./settings.ts";

const checks: readonly Check[] = [...rights, ...settings, ...replication, ...activity];

/** A check that cannot be made says so; the others go on. */
export async function examine(session: Session): Promise<readonly DoctorCheck[]> {
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

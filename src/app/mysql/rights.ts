import type { Session } from "../../drivers/driver.ts";
import type { Plan } from "../../plan/plan.ts";
import type { Facts } from "../../schema/facts.ts";
export async function missingRights(_session: Session, _plan: Plan, _facts: Facts): Promise<readonly string[]> {
  return [];
}

import type { Session } from "../../drivers/driver.ts";
import type { Evidence } from "../contract.ts";
import type { OldUsersRequest } from "../engine.ts";
export async function oldUsers(_session: Session, _request: OldUsersRequest): Promise<readonly Evidence[]> {
  return [];
}

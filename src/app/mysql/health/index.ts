import type { Session } from "../../../drivers/driver.ts";
import type { DoctorCheck } from "../../contract.ts";
export async function examine(_session: Session): Promise<readonly DoctorCheck[]> {
  return [];
}

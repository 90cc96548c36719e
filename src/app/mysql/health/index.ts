// What a MariaDB or MySQL server has and lacks for a run: one list, in the order in which it is shown.
import type { Session } from "../../../drivers/driver.ts";
import type { DoctorCheck } from "../../contract.ts";
import { askAll, type Check } from "../../health.ts";
import { activity } from "./activity.ts";
import { objects } from "./objects.ts";
import { replication } from "./replication.ts";
import { rights } from "./rights.ts";
import { settings } from "./settings.ts";
import { space } from "./space.ts";

const checks: readonly Check[] = [...rights, ...settings, ...replication, ...objects, ...activity, space];

export const examine = (session: Session): Promise<readonly DoctorCheck[]> => askAll(session, checks);

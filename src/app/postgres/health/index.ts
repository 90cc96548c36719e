// What a PostgreSQL server has and lacks for a run: one list, in the order in which it is shown.
import type { Session } from "../../../drivers/driver.ts";
import type { DoctorCheck } from "../../contract.ts";
import { askAll } from "../../health.ts";
import { activity } from "./activity.ts";
import { replication } from "./replication.ts";
import { rights } from "./rights.ts";
import { settings } from "./settings.ts";

export const examine = (session: Session): Promise<readonly DoctorCheck[]> => askAll(session, [...rights, ...settings, ...replication, ...activity]);

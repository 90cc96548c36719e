// Whether our account may create triggers while the server writes a binary log.
import type { Session } from "../../drivers/driver.ts";
import { type Held, onServer } from "./grants.ts";
import { globalVariables, isOn } from "./variables.ts";

/**
 * Both servers ask for SUPER then, in every format of the log, unless they are told to trust (error 1419). On MariaDB 10.11 none of the
 * privileges that SUPER was divided into does; where newer ones may differ, BINLOG ADMIN counts too.
 * @see https://mariadb.com/kb/en/stored-routine-privileges/ https://dev.mysql.com/doc/refman/8.4/en/stored-programs-logging.html
 */
export async function mayCreateTriggers(session: Session, held: Held): Promise<boolean> {
  const value = await globalVariables(session, ["log_bin", "log_bin_trust_function_creators"]);
  if (!isOn(value("log_bin")) || isOn(value("log_bin_trust_function_creators"))) return true;
  return held.may("SUPER", onServer) || (held.version >= 110_000 && held.may("BINLOG ADMIN", onServer));
}

export const trust = "As an administrator: set global log_bin_trust_function_creators = 1; and the same in the server's option file.";

// The store on a MariaDB or MySQL server: the database `hotstick`, which all application databases of the server share.
import type { Quoting } from "../../sql/sql.ts";
import type { Store } from "../store.ts";
import { ensure, storeVersion } from "./ensure.ts";
import { history } from "./history.ts";
import { leases } from "./leases.ts";
import { opening } from "./opening.ts";
import { overview } from "./overview.ts";
import { statements } from "./statements.ts";

/** @param quoting the dialect's, for statements that travel as text. */
export const mysqlStore = (quoting: Quoting): Store => ({
  version: storeVersion,
  statements: statements(quoting),
  ensure,
  overview,
  ...history,
  ...opening(quoting),
  ...leases(quoting),
});

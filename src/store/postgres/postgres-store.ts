// The store in a PostgreSQL database: schema `hotstick`.
import type { Quoting } from "../../sql/sql.ts";
import type { Store } from "../store.ts";
import { ensure, storeVersion } from "./ensure.ts";
import { history } from "./history.ts";
import { leases } from "./leases.ts";
import { statements } from "./statements.ts";

/** @param quoting the dialect's, for statements that travel as text. */
export const postgresStore = (quoting: Quoting): Store => ({ version: storeVersion, statements: statements(quoting), ensure, ...history, ...leases });

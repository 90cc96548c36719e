// What each PostgreSQL can do, as data.
import type { Capabilities } from "../dialect.ts";

/** @param version as `server_version_num`: 180004 is 18.4. */
export const capabilities = (version: number): Capabilities => ({
  transactionalDdl: true,
  supported: version >= 140000 && version < 190000,
  notNullNotValid: version >= 180000,
  transactionTimeout: version >= 170000,
  invisibleColumns: false,
  exchangesNames: false,
  nameBytes: 63,
  indexNames: "namespace",
  keepsPrepared: false,
});

// The effectful half of MySQL and MariaDB.
import type { Driver } from "../driver.ts";
import { alive, doing, terminate } from "./backends.ts";
import { blockers } from "./blockers.ts";
import { type AddressMemory, connect, type MysqlConfig } from "./connect.ts";
import { classify, describe, isAlreadySo, isMissing } from "./errors.ts";
import type { OutsideMemory } from "./facts/outside.ts";
import { answer } from "./facts.ts";
import { introspect } from "./introspect.ts";
import { readServer } from "./server.ts";
import { waitedFor } from "./waits.ts";

export type { MysqlConfig } from "./connect.ts";

/** The driver of one database. Connections are made by `connect` only. */
export function mysqlDriver(config: MysqlConfig): Driver {
  const memory: AddressMemory & OutsideMemory = {};
  return {
    engine: "mysql",
    connect: ({ purpose }) => connect(config, purpose, memory),
    server: readServer,
    introspect,
    answer: (session, questions, schema) => answer(session, questions, schema, memory),
    classify,
    describe,
    isAlreadySo,
    isMissing,
    blockers,
    waitedFor,
    alive,
    doing,
    terminate,
  };
}

// PostgreSQL's effectful half.
import { loadPostgresSyntax, type PostgresSyntax } from "../../syntax/postgres/parser.ts";
import type { Driver } from "../driver.ts";
import { alive, doing, terminate } from "./backends.ts";
import { blockers, waitedFor } from "./blockers.ts";
import type { PoolerMemory, PostgresConfig } from "./connect.ts";
import { connect } from "./connect.ts";
import { classify, describe, isAlreadySo, isMissing } from "./errors.ts";
import { answer } from "./facts.ts";
import { introspect } from "./introspect.ts";
import { readServer } from "./server.ts";

export type { PostgresConfig } from "./connect.ts";

/** The driver of one database. Connections are made by `connect` only. */
export function postgresDriver(config: PostgresConfig): Driver {
  const memory: PoolerMemory = {};
  let loading: Promise<PostgresSyntax> | null = null;
  const syntax = (): Promise<PostgresSyntax> => {
    loading ??= loadPostgresSyntax();
    return loading;
  };
  return {
    engine: "postgres",
    connect: ({ purpose }) => connect(config, purpose, memory),
    server: readServer,
    introspect,
    answer: (session, questions, schema) => answer(session, questions, schema, syntax),
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

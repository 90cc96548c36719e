// The parts of MariaDB and MySQL, wired.
import { mysqlQuoting } from "../../dialects/mysql/quoting.ts";
import type { StatementFact } from "../../schema/facts.ts";
import { sql } from "../../sql/sql.ts";
import type { Engine } from "../engine.ts";

export const mysqlEngine: Engine = {
  driver: async (url) => (await import("../../drivers/mysql/index.ts")).mysqlDriver({ url }),
  store: async () => (await import("../../store/mysql/mysql-store.ts")).mysqlStore(mysqlQuoting),
  dialect: async () => (await import("../../dialects/mysql/mysql.ts")).mysqlDialect,

  async planning(version) {
    const [{ statementFact }, { mysqlDialect }] = await Promise.all([import("../../syntax/mysql/fact.ts"), import("../../dialects/mysql/mysql.ts")]);
    const lexing = { version: await version };
    const known = new Map<string, StatementFact>();
    return {
      dialect: mysqlDialect,
      // Asked again for every run that a statement may belong to.
      statement(text) {
        const fact = known.get(text) ?? statementFact(text, lexing);
        known.set(text, fact);
        return fact;
      },
    };
  },

  misspelt: async (session, texts) => (await import("./spelling.ts")).misspelt(session, texts),

  // The same file is the same migration on every server, so no version decides which versioned comments are code.
  split: async () => (await import("../../syntax/mysql/split.ts")).splitFile,

  // A name is the whole server's, and has 64 characters at most.
  async takeTurn(session) {
    const [row] = await session.query<{ taken: number | string | null }>(
      sql`select get_lock(concat('hotstick plans ', left(sha2(database(), 256), 40)), 0) as taken`,
    );
    return Number(row?.taken) === 1;
  },

  oldUsers: async (session, request) => (await import("./old-users.ts")).oldUsers(session, request),
  disturbances: async (session, request) => (await import("./disturbances.ts")).disturbances(session, request),
  examine: async (session) => (await import("./health/index.ts")).examine(session),
  missingRights: async (session, plan, facts) => (await import("./rights.ts")).missingRights(session, plan, facts),
};

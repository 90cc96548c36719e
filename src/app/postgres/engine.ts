// PostgreSQL's parts, wired.
import { postgresQuoting } from "../../dialects/postgres/quoting.ts";
import type { StatementFact } from "../../schema/facts.ts";
import { sql } from "../../sql/sql.ts";
import type { Engine } from "../engine.ts";

export const postgresEngine: Engine = {
  driver: async (url) => (await import("../../drivers/postgres/index.ts")).postgresDriver({ url }),
  store: async () => (await import("../../store/postgres/postgres-store.ts")).postgresStore(postgresQuoting),

  async dialect() {
    const [{ postgresDialect }, { noRewriting }] = await Promise.all([
      import("../../dialects/postgres/postgres.ts"),
      import("../../dialects/postgres/rewriting.ts"),
    ]);
    return postgresDialect(noRewriting);
  },

  async planning() {
    const [{ loadPostgresSyntax }, { statementFact }, { postgresDialect }, { rewritingWith }] = await Promise.all([
      import("../../syntax/postgres/parser.ts"),
      import("../../syntax/postgres/fact.ts"),
      import("../../dialects/postgres/postgres.ts"),
      import("../../dialects/postgres/rewriting.ts"),
    ]);
    const syntax = await loadPostgresSyntax();
    const known = new Map<string, StatementFact>();
    return {
      dialect: postgresDialect(rewritingWith(syntax)),
      // Asked again for every run that a statement may belong to.
      statement(text) {
        const fact = known.get(text) ?? statementFact(syntax, text);
        known.set(text, fact);
        return fact;
      },
    };
  },

  misspelt: async () => ({}),
  split: async () => (await import("../../syntax/postgres/split.ts")).splitFile,

  async takeTurn(session) {
    const [row] = await session.query<{ taken: boolean }>(sql`select pg_catalog.pg_try_advisory_lock(pg_catalog.hashtext('hotstick plans')) as taken`);
    return row?.taken ?? false;
  },

  oldUsers: async (session, request) => (await import("./old-users.ts")).oldUsers(session, request),
  disturbances: async (session, request) => (await import("./disturbances.ts")).disturbances(session, request),
  examine: async (session) => (await import("./health/index.ts")).examine(session),
  missingRights: async (session, plan, facts) => (await import("./rights.ts")).missingRights(session, plan, facts),
};

// Putting specimens to the server: all at once, and where it has something against one of them, in halves until that one stands alone.
import { Problem } from "../../../problem.ts";
import { sql } from "../../../sql/sql.ts";
import type { Session } from "../../driver.ts";
import { classify, describe, sqlStateOf } from "../errors.ts";
import { separator } from "../session.ts";
import type { Refusal } from "./reading.ts";
import type { Resolved } from "./resolved.ts";
import { resolve } from "./resolved.ts";
import type { Specimen } from "./specimen.ts";
import { positionIn } from "./specimen.ts";

/** Whatever the role's or the database's default is: a specimen is never kept. */
const begin = "begin read write";

/** All that the server is sent before the specimen itself, when it is tried alone. */
const before = (specimen: Specimen): string => [begin, ...specimen.setup, ""].join(separator);

interface ServerMessage {
  readonly message?: string;
  readonly position?: string;
  readonly hint?: string;
}

/** The rows of `resolve`, asked after these statements in the same message. */
export async function resolveAfter(session: Session, statements: readonly string[]): Promise<readonly Resolved[]> {
  // How names are printed, and what the query itself names, is the system's business, whatever the user's search_path.
  const results = await session.script([...statements, "set local search_path = pg_catalog, pg_temp", resolve]);
  return (results.at(-1) ?? []) as readonly Resolved[];
}

const rollback = async (session: Session): Promise<void> => {
  if (!session.closed) await session.script(["rollback"]);
};

/** @throws Problem `read-only-server`: no specimen can be made, so nothing can be said of this one. */
async function refuseStandby(session: Session): Promise<void> {
  const [server] = await session.query<{ database: string; standby: boolean }>(
    sql`select current_database()::text as database, pg_catalog.pg_is_in_recovery() as standby`,
  );
  if (server?.standby !== true) return;
  throw new Problem({
    code: "read-only-server",
    message: `The server of database "${server.database}" is a standby: types and expressions are put to a server in temporary views, and it makes none.`,
    hint: "Plan on the primary. Nothing was changed; status, history and doctor work here.",
    subject: { kind: "database", name: server.database },
  });
}

/** What the server says against one specimen; anything that is not the specimen's fault is thrown. */
function refusalOf(error: unknown, specimen: Specimen): Refusal {
  const kind = classify(error);
  if (kind === "lost" || kind === "retry") throw error;
  const { message = describe(error), position, hint } = error as ServerMessage;
  const place = position === undefined ? null : positionIn(specimen, before(specimen), Number(position));
  return {
    ok: false,
    message,
    position: place,
    hint:
      hint ??
      (sqlStateOf(error) === "42501" && /temporary/.test(message)
        ? "Expressions are checked in a temporary view: GRANT TEMPORARY ON DATABASE to this role."
        : null),
  };
}

/**
 * Resolves specimens under the user's own search_path and hands them to `answer`, which may ask more in the same transaction. Whatever
 * happens, the transaction is rolled back. Views are named by their place, so a specimen is made anew where the place changes.
 */
export async function tryAll<Q, T>(
  session: Session,
  questions: readonly Q[],
  specimenOf: (index: number, question: Q) => Specimen,
  answer: (questions: readonly Q[], resolved: readonly Resolved[]) => Promise<readonly T[]>,
): Promise<readonly (T | Refusal)[]> {
  if (questions.length === 0) return [];
  const specimens = questions.map((question, index) => specimenOf(index, question));
  try {
    const answers = await answer(questions, await resolveAfter(session, [begin, ...specimens.flatMap((specimen) => [...specimen.setup, specimen.statement])]));
    await rollback(session);
    return answers;
  } catch (error) {
    await rollback(session);
    const [only] = specimens;
    if (only !== undefined && specimens.length === 1) {
      const refusal = refusalOf(error, only);
      await refuseStandby(session);
      return [refusal];
    }
    const kind = classify(error);
    if (kind === "lost" || kind === "retry") throw error;
    const half = Math.ceil(questions.length / 2);
    return [...(await tryAll(session, questions.slice(0, half), specimenOf, answer)), ...(await tryAll(session, questions.slice(half), specimenOf, answer))];
  }
}

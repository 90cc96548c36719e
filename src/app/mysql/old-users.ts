// Who still uses the old shape of a run: writers, statements, what stands in the database, connections.
import { capabilities } from "../../dialects/mysql/capabilities.ts";
import type { Session } from "../../drivers/driver.ts";
import { keyOf } from "../../schema/names.ts";
import { sql } from "../../sql/sql.ts";
import type { Evidence } from "../contract.ts";
import type { OldUsersRequest } from "../engine.ts";
import { type OldColumns, oldColumns } from "../old-shape.ts";
import { counterTemplates, uncounted } from "../old-traffic.ts";
import { connections } from "./old-users/connections.ts";
import { objects } from "./old-users/objects.ts";
import { compareStatements, sampleStatements } from "./old-users/statements.ts";
import { compareWriters, counterNameLimit, sampleWriters } from "./old-users/writers.ts";

/** Longer than several looks in a row. */
const patienceSeconds = 30;

/**
 * A look takes numbers of the counters itself, which another one that is under way would take for old code's: one at a time. The name is the
 * whole server's, as the run's number is.
 * @param look told false where the others did not end.
 */
async function alone<T>(session: Session, run: number, look: (undisturbed: boolean) => Promise<T>): Promise<T> {
  const name = `hotstick looks at run ${run}`;
  const [row] = await session.query<{ taken: string | number | null }>(sql`select get_lock(${name}, ${patienceSeconds}) as taken`);
  const undisturbed = Number(row?.taken) === 1;
  try {
    return await look(undisturbed);
  } finally {
    if (undisturbed && !session.closed) await session.query(sql`select release_lock(${name}) as released`);
  }
}

/** Empty where the run ends no shape. */
export function oldUsers(session: Session, request: OldUsersRequest): Promise<readonly Evidence[]> {
  const old = oldColumns(request.plan, request.namespace);
  return old.length === 0 ? Promise.resolve([]) : alone(session, request.run, (undisturbed) => look(session, request, old, undisturbed));
}

async function look(session: Session, request: OldUsersRequest, old: readonly OldColumns[], undisturbed: boolean): Promise<readonly Evidence[]> {
  const named = old.filter(({ columns }) => columns.length > 0);
  const since = performance.now();
  const writers = undisturbed ? await sampleWriters(session, request.run, old) : null;
  const statements = await sampleStatements(session, named);
  await request.between();
  const seconds = ((performance.now() - since) / 1000).toFixed(1);
  const tables = old.map(({ table }) => keyOf(table)).join(", ");
  const unknown = (message: string): Evidence => ({ source: "writers", seen: null, message });
  const evidence: Evidence[] = [
    ...(capabilities(request.plan.version).sequences
      ? []
      : [unknown(`writers of old columns of ${tables} are not counted on this server, which has no sequences: their statements are all that shows them`)]),
    ...(writers === null
      ? [unknown(`other commands look at run ${request.run} all the time, and the counters bear one look at a time`)]
      : [
          ...compareWriters(writers, await sampleWriters(session, request.run, old), seconds),
          ...uncounted(request.plan, old, (each) => counterTemplates(each, counterNameLimit), new Set(writers.keys())),
        ]),
    compareStatements(statements, await sampleStatements(session, named), named, seconds),
  ];
  if (request.schema !== null && named.length > 0) evidence.push(objects(request.schema, named));
  const readersSeen = evidence.some(({ source, seen }) => source === "statements" && seen !== null);
  return [...evidence, ...(await connections(session, request, readersSeen))];
}

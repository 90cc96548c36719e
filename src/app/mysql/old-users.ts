// Who still uses the old shape of a run: writers, statements, what stands in the database, connections.
import { capabilities } from "../../dialects/mysql/capabilities.ts";
import type { Session } from "../../drivers/driver.ts";
import { keyOf } from "../../schema/names.ts";
import type { Evidence } from "../contract.ts";
import type { OldUsersRequest } from "../engine.ts";
import { oldColumns } from "../old-shape.ts";
import { connections } from "./old-users/connections.ts";
import { objects } from "./old-users/objects.ts";
import { compareStatements, sampleStatements } from "./old-users/statements.ts";
import { compareWriters, sampleWriters } from "./old-users/writers.ts";

/** Empty where the run ends no shape. */
export async function oldUsers(session: Session, request: OldUsersRequest): Promise<readonly Evidence[]> {
  const old = oldColumns(request.plan, request.namespace);
  if (old.length === 0) return [];
  const named = old.filter(({ columns }) => columns.length > 0);
  const since = performance.now();
  const writers = await sampleWriters(session, request.run, old);
  const statements = await sampleStatements(session, named);
  await request.between();
  const seconds = ((performance.now() - since) / 1000).toFixed(1);
  const evidence: Evidence[] = [
    ...compareWriters(writers, await sampleWriters(session, request.run, old), seconds),
    compareStatements(statements, await sampleStatements(session, named), named, seconds),
  ];
  if (!capabilities(request.plan.version).sequences)
    evidence.unshift({
      source: "writers",
      seen: null,
      message: `writers of old columns of ${old.map(({ table }) => keyOf(table)).join(", ")} are not counted on this server: it has no sequences`,
    });
  if (request.schema !== null && named.length > 0) evidence.push(objects(request.schema, named));
  const readersSeen = evidence.some(({ source, seen }) => source === "statements" && seen !== null);
  return [...evidence, ...(await connections(session, request, readersSeen))];
}

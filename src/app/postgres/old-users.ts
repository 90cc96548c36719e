// Who still uses the old shape of a run: writers, statements, views and functions, connections.
import type { Session } from "../../drivers/driver.ts";
import type { Schema } from "../../schema/model.ts";
import { keyOf, sameName } from "../../schema/names.ts";
import { mentionsInRoutine } from "../../syntax/postgres/mentions.ts";
import type { PostgresSyntax } from "../../syntax/postgres/parser.ts";
import type { Evidence } from "../contract.ts";
import type { OldUsersRequest } from "../engine.ts";
import { type OldColumns, oldColumns } from "../old-shape.ts";
import { counterTemplates, uncounted } from "../old-traffic.ts";
import { connections } from "./old-users/connections.ts";
import { compareStatements, sampleStatements } from "./old-users/statements.ts";
import { compareWriters, sampleWriters } from "./old-users/writers.ts";

/** Views and functions that name a column; a function whose body cannot be read to its end only may. */
function objects(schema: Schema, old: readonly OldColumns[], syntax: PostgresSyntax): Evidence {
  const found: string[] = [];
  for (const { table, columns } of old) {
    const names = (used: readonly string[]): string => used.map((column) => `${keyOf(table)}.${column}`).join(", ");
    for (const view of Object.values(schema.views)) {
      const used = view.uses.filter((use) => sameName(use.name, table)).flatMap((use) => use.columns.filter((column) => columns.includes(column)));
      if (used.length > 0) found.push(`view ${keyOf(view.name)} (${names(used)})`);
    }
    for (const routine of Object.values(schema.routines)) {
      if (routine.body === null || !columns.some((column) => routine.body?.toLowerCase().includes(column.toLowerCase()))) continue;
      const { mentions, sure } = mentionsInRoutine(syntax, routine.definition, { table, columns }, false);
      if (mentions.length > 0)
        found.push(`${routine.kind} ${keyOf(routine.name)}(${routine.arguments}) ${sure ? "names" : "seems to name"} ${names(mentions)}`);
    }
  }
  return { source: "objects", seen: found.length > 0, message: found.length > 0 ? found.join("; ") : "no view and no function names them" };
}

/** Empty where the run ends no shape. */
export async function oldUsers(session: Session, request: OldUsersRequest): Promise<readonly Evidence[]> {
  const old = oldColumns(request.plan, request.namespace);
  if (old.length === 0) return [];
  const named = old.filter(({ columns }) => columns.length > 0);
  const syntax = request.schema === null ? null : await (await import("../../syntax/postgres/parser.ts")).loadPostgresSyntax();
  const since = performance.now();
  const writers = await sampleWriters(session, request.run, old);
  const statements = await sampleStatements(session, named);
  await request.between();
  const seconds = ((performance.now() - since) / 1000).toFixed(1);
  const evidence: Evidence[] = [
    ...compareWriters(writers, await sampleWriters(session, request.run, old), seconds),
    ...uncounted(request.plan, old, (each) => counterTemplates(each), new Set(writers.keys())),
    compareStatements(statements, await sampleStatements(session, named), named, syntax, seconds),
  ];
  if (request.schema !== null && syntax !== null && named.length > 0) evidence.push(objects(request.schema, named, syntax));
  const readersSeen = evidence.some(({ source, seen }) => source === "statements" && seen !== null);
  return [...evidence, ...(await connections(session, request, readersSeen))];
}

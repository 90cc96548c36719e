// What the store's own errors mean for people.
import type { Session } from "../../drivers/driver.ts";
import { Problem } from "../../problem.ts";
import { sql } from "../../sql/sql.ts";
import type { Holder } from "../store.ts";

/** States that the functions of 0001.sql raise. */
const claimed = "HS003";
const stale = "HS004";

interface ServerError {
  readonly code?: string;
  readonly message?: string;
  readonly detail?: string;
}

export const codeOf = (error: unknown): string => (error as ServerError | null)?.code ?? "";

export const newerStore = (found: number, known: number): Problem =>
  new Problem({
    code: "store-newer",
    message: `This database's Hotstick store has version ${found}; this program knows versions up to ${known}.`,
    hint: "Use the Hotstick version that made it, or a newer one.",
  });

export const deniedStore = (cause: unknown): Problem =>
  new Problem({
    code: "store-denied",
    message: `Hotstick may not make its schema "hotstick" in this database: ${(cause as ServerError).message ?? ""}.`,
    hint: "As an owner of the database: create schema hotstick authorization <role>; or grant create on database <name> to <role>;",
    cause,
  });

/** How a run is named together with whoever carries it. */
export const carriedBy = (run: number, holder: Holder | null): string =>
  `run ${run}, ${holder === null ? "which nobody is carrying now" : `carried by ${holder.name} (pid ${holder.pid})`}`;

async function holderOf(session: Session, run: number): Promise<Holder | null> {
  const [row] = await session.query<{ holder: Holder | null }>(sql`select holder from hotstick.leases where run = ${run}::bigint`);
  return row?.holder ?? null;
}

const stalePlan = (cause: unknown): Problem =>
  new Problem({
    code: "plan-stale",
    message: "Another run was opened or closed while this plan was made, so it may not fit the schema any more.",
    hint: "Run the command again.",
    exit: 5,
    cause,
  });

/** The Problem for an error of `open`, `reopen` or `baseline`; any other error as it is. */
export async function openingProblem(session: Session, error: unknown): Promise<unknown> {
  const { code, message = "", detail = "{}" } = error as ServerError;
  if (code === stale) return stalePlan(error);
  // A unique violation here means the same, met a moment earlier: somebody else was faster.
  if (code === "23505") return stalePlan(error);
  if (code !== claimed) return error;
  const found = JSON.parse(detail) as { readonly kind: "table" | "migration" | "run"; readonly run: number | null; readonly state?: string };
  const holder = found.run === null ? null : await holderOf(session, found.run);
  const details = { run: found.run, holder, state: found.state ?? null };
  if (found.kind === "table") {
    return new Problem({
      code: "table-claimed",
      message: `Table ${message} belongs to ${carriedBy(found.run ?? 0, holder)}.`,
      hint: `Bring that run to its end first: hotstick complete ${found.run}, or hotstick rollback ${found.run}.`,
      subject: { kind: "table", name: message },
      exit: 5,
      cause: error,
      details,
    });
  }
  const state = found.state === "applied" ? "is applied already" : `belongs to ${carriedBy(found.run ?? 0, holder)}`;
  return new Problem({
    code: "migration-claimed",
    message: found.kind === "run" ? `Run ${message} is open already.` : `Migration ${message} ${state}.`,
    hint: found.state === "applied" ? "Run the command again: it will see that nothing is left to do." : `See hotstick status ${found.run}.`,
    subject: { kind: found.kind, name: message },
    exit: 5,
    cause: error,
    details,
  });
}

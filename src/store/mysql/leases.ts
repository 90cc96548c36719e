// The lease of a run and the journal that it guards.
import type { Row, Session } from "../../drivers/driver.ts";
import { literal, type Quoting, raw, type Sql, sql } from "../../sql/sql.ts";
import type { Hold, Holder, Lease, Store } from "../store.ts";
import { holdStatement } from "./statements.ts";
import { type EventRow, eventColumns, eventOf, inliner, insertEvent, iso, isTrue, json, later, now, number, parsed, parsedOrNull } from "./text.ts";
import { transact, waitAtMost } from "./transact.ts";

type Methods = "note" | "requestPause" | "happened" | "lease" | "take" | "beat" | "record" | "release";

/** A step's transaction of the holder ends within the lock budget, or its session was ended. */
const patience = waitAtMost(2);

type LeaseRow = {
  readonly token: string;
  readonly holder: unknown;
  readonly since: string;
  readonly expiresAt: string;
  readonly expired: unknown;
  readonly silentMs: unknown;
  readonly pid: unknown;
  readonly started: string | null;
  readonly purpose: string | null;
};

/** One statement, so that the sessions are those of this very token. */
async function lease(session: Session, run: number): Promise<Lease | null> {
  const rows = await session.query<LeaseRow>(sql`
    select l.token, l.holder, ${iso("l.since")} as since, ${iso("l.expires_at")} as expiresAt, l.expires_at < ${now} as expired,
      timestampdiff(microsecond, l.beat_at, ${now}) as silentMs, b.pid, b.started, b.purpose
    from hotstick.leases l join hotstick.runs r on r.id = l.run left join hotstick.backends b on b.run = l.run
    where l.run = ${number(run)} and r.home = database()`);
  const [row] = rows;
  if (row === undefined) return null;
  return {
    run,
    token: row.token,
    holder: parsedOrNull<Holder>(row.holder),
    since: row.since,
    expiresAt: row.expiresAt,
    silentMs: Number(row.silentMs) / 1000,
    expired: isTrue(row.expired),
    backends: rows.flatMap(({ pid, started, purpose }) => (started === null ? [] : [{ pid: Number(pid), started, purpose: purpose ?? "" }])),
  };
}

/** Pause requests that nobody has answered yet, newest first. */
const askedToPause = (run: Sql): Sql => sql`
  select data from hotstick.events where run = ${run} and kind = 'pause-requested'
    and id > coalesce((select max(a.id) from hotstick.events a where a.run = ${run} and a.kind in ('paused', 'set-out')), 0)
  order by id desc limit 1`;

const isToken = (run: Sql, token: string): Sql => sql`run = ${run} and token = ${literal(token)}`;
/** Waits for whoever holds the fence; from then on nobody does. */
const lockFence = (run: Sql): Sql => sql`select token from hotstick.fences where run = ${run} for update`;
/** The fence follows the lease, whether that was changed or not. */
const moveFence = (run: Sql): Sql => sql`update hotstick.fences f join hotstick.leases l on l.run = f.run set f.token = l.token where f.run = ${run}`;

export function leases(quoting: Quoting): Pick<Store, Methods> {
  const inline = inliner(quoting);
  const send = (session: Session, statements: readonly Sql[], around?: typeof patience): Promise<readonly Row[]> =>
    transact(session, statements.map(inline), around);
  return {
    lease,

    async note(session, hold: Hold, happenings) {
      const [row] = await send(session, [
        holdStatement(hold),
        ...happenings.map((happening) => insertEvent(number(hold.run), happening)),
        sql`select ${eventColumns} from hotstick.events where id = last_insert_id()`,
      ]);
      return eventOf(row as EventRow);
    },

    async requestPause(session, run, by) {
      await session.query(sql`
        insert into hotstick.events (run, at, kind, data) select id, ${now}, 'pause-requested', ${JSON.stringify({ by })} from hotstick.runs where id = ${number(run)} and home = database()`);
    },

    async happened(session, run, step, attempt) {
      const [row] = await session.query<EventRow>(sql`
        select ${eventColumns} from hotstick.events where run = ${number(run)} and ended_step = ${step} and attempt = ${number(attempt)}`);
      return row === undefined ? null : eventOf(row);
    },

    async take(session, seen, next) {
      const run = number(seen.run);
      const [row] = await send(
        session,
        [
          lockFence(run),
          sql`update hotstick.leases set token = ${literal(next.token)}, holder = ${json(next.holder)}, since = ${now}, beat_at = ${now}, expires_at = ${later(next.ttlMs)}
            where ${isToken(run, seen.token)} and (holder is null or expires_at < ${now} or ${raw(String(next.abandoned))})`,
          moveFence(run),
          sql`select count(*) as taken from hotstick.leases where ${isToken(run, next.token)}`,
        ],
        patience,
      );
      return isTrue(row?.["taken"]);
    },

    async beat(session, { run: id, token }, ttlMs) {
      const run = number(id);
      const [, held, asked] = await session.script(
        [
          sql`update hotstick.leases set beat_at = ${now}, expires_at = ${later(ttlMs)} where ${isToken(run, token)} and expires_at > ${now}`,
          raw("select row_count() as beaten"),
          askedToPause(run),
        ].map(inline),
      );
      const request = asked?.[0]?.["data"];
      return { held: isTrue(held?.[0]?.["beaten"]), pauseRequestedBy: request === undefined ? null : parsed<{ readonly by: string }>(request).by };
    },

    async record(session, hold, backend, purpose) {
      const [run, token] = [number(hold.run), literal(hold.token)];
      await send(session, [
        holdStatement(hold),
        // What an earlier holder left was ended before its lease was taken.
        sql`delete from hotstick.backends where run = ${run} and token <> ${token}`,
        sql`insert into hotstick.backends (run, pid, started, token, purpose) values (${run}, ${number(backend.pid)}, ${literal(backend.started)}, ${token}, ${literal(purpose)})
          on duplicate key update token = values(token), purpose = values(purpose)`,
      ]);
    },

    async release(session, hold) {
      const run = number(hold.run);
      // The token changes too, so that nothing can be written with it any more.
      const free = `free after ${hold.token}`;
      await send(session, [
        lockFence(run),
        sql`update hotstick.leases set holder = null, token = ${literal(free)}, since = ${now}, expires_at = ${now} where ${isToken(run, hold.token)}`,
        moveFence(run),
        sql`delete b from hotstick.backends b join hotstick.leases l on l.run = b.run where b.run = ${run} and l.token = ${literal(free)}`,
      ]);
    },
  };
}

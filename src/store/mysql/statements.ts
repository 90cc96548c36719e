// Statements that travel inside the run's own transactions, as text.
import { literal, type Quoting, raw, type Sql, sql } from "../../sql/sql.ts";
import type { Hold, StoreStatements } from "../store.ts";
import { inliner, insertEvent, json, now, number } from "./text.ts";

/** Fails with the state 45H01, or holds off a takeover until the transaction ends. */
export const holdStatement = ({ run, token }: Hold): Sql => sql`call hotstick.hold(${number(run)}, ${literal(token)})`;

export function statements(quoting: Quoting): StoreStatements {
  const inline = inliner(quoting);
  return {
    hold: (hold) => inline(holdStatement(hold)),

    note: (run, happening) => inline(insertEvent(number(run), happening)),

    // Two statements: not every server returns what it has inserted. The assignments are made in their order, so `pass` is the last to change.
    cursor(run, step, { pass, after, end, checked, total }, { seen, changed }) {
      return inline(sql`insert into hotstick.cursors (run, step, pass, after_key, end_key, checked_key, seen, changed, total, at)
        values (${number(run)}, ${literal(step)}, ${number(pass)}, ${json(after)}, ${json(end)}, ${json(checked)}, ${raw(seen)}, ${raw(changed)}, ${number(total)}, ${now})
        on duplicate key update seen = values(seen) + if(pass = values(pass), seen, 0), changed = values(changed) + if(pass = values(pass), changed, 0), pass = values(pass),
          after_key = values(after_key), end_key = values(end_key), checked_key = values(checked_key), total = values(total), at = values(at);
        select seen, changed from hotstick.cursors where run = ${number(run)} and step = ${literal(step)}`);
    },

    dropCursor: (run, step) => inline(sql`delete from hotstick.cursors where run = ${number(run)} and step = ${literal(step)}`),
  };
}

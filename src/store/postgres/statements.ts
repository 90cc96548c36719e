// Statements that travel inside the run's own transactions, as text.
import { join, literal, type Quoting, raw, renderInline, type Sql, sql } from "../../sql/sql.ts";
import type { StoreStatements } from "../store.ts";
import { columnsOf } from "./text.ts";

const number = (value: number | null): Sql => raw(value === null ? "null" : String(Math.trunc(value)));
const text = (value: string | null): Sql => (value === null ? raw("null") : literal(value));
const array = (values: readonly string[] | null): Sql => (values === null ? raw("null") : sql`array[${join(values.map(literal))}]::text[]`);

export function statements(quoting: Quoting): StoreStatements {
  const inline = (piece: Sql): string => renderInline(piece, quoting);
  return {
    hold: ({ run, token }) => inline(sql`select hotstick.hold(${number(run)}, ${literal(token)})`),

    note(run, happening) {
      const { kind, step, attempt, data } = columnsOf(happening);
      // A marked step's bound must be that of its own transaction, so the server fills it in.
      const bound =
        "mark" in happening && happening.mark !== null
          ? raw(" || pg_catalog.jsonb_build_object('bound', pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot())::text)")
          : raw("");
      return inline(
        sql`insert into hotstick.events (run, kind, step, attempt, data) values (${number(run)}, ${literal(kind)}, ${text(step)}, ${number(attempt)}, ${literal(data)}::jsonb${bound})`,
      );
    },

    cursor(run, step, { pass, after, end, checked, total }, { seen, changed }) {
      return inline(sql`insert into hotstick.cursors as c (run, step, pass, after, pass_end, checked, seen, changed, total, at)
        values (${number(run)}, ${literal(step)}, ${number(pass)}, ${array(after)}, ${array(end)}, ${array(checked)}, ${raw(seen)}, ${raw(changed)}, ${number(total)}, pg_catalog.clock_timestamp())
        on conflict (run, step) do update set pass = excluded.pass, after = excluded.after, pass_end = excluded.pass_end, checked = excluded.checked, total = excluded.total, at = excluded.at,
          seen = excluded.seen + case when c.pass = excluded.pass then c.seen else 0 end, changed = excluded.changed + case when c.pass = excluded.pass then c.changed else 0 end
        returning seen, changed`);
    },

    dropCursor: (run, step) => inline(sql`delete from hotstick.cursors where run = ${number(run)} and step = ${literal(step)}`),
  };
}

// Marks each contact whose phone number an earlier contact has.
import type { ModuleContext } from "hotstick";

/** Behind which contact the next batch begins, and whether there is none. */
interface Cursor {
  readonly id: string;
  readonly done: number;
  readonly end: boolean;
}

/** Short transactions: a row is locked no longer than its batch. */
const rows = 500;

async function walk(context: ModuleContext<Cursor>, set: string): Promise<void> {
  let at: Cursor = context.cursor ?? { id: "0", done: 0, end: false };
  while (!at.end) {
    at = await context.batch(async (session, last) => {
      const { id, done } = last ?? { id: "0", done: 0 };
      const [found = []] = await session.script([
        `with next as (select id from contacts where id > ${BigInt(id)} order by id limit ${rows}),
           changed as (update contacts c set ${set} from next where c.id = next.id)
         select max(id)::text as id, count(*)::int as rows from next`,
      ]);
      const row = found[0] as { readonly id: string | null; readonly rows: number };
      return { id: row.id ?? id, done: done + row.rows, end: row.rows < rows };
    });
    context.report(at.done);
  }
}

const earliest = "(select min(other.id) from contacts other where other.phone = c.phone and other.id < c.id)";

export const up = (context: ModuleContext<Cursor>): Promise<void> => walk(context, `duplicate_of = ${earliest}`);
export const down = (context: ModuleContext<Cursor>): Promise<void> => walk(context, "duplicate_of = null");

// Which rows of a refused batch are to blame: halves of it are tried and taken back until single rows are left.
import { Problem } from "../../problem.ts";
import { keyOf } from "../../schema/names.ts";
import { type BadRow, rowsRefused } from "../problems.ts";
import { send } from "./commit.ts";
import { batchLimitMs, batchStatements, findBound, nameKey, type Range, type Walk } from "./walk.ts";

/** Enough to see what is wrong with them. */
const most = 5;

/** The error with which these rows are refused; null: they are not. */
async function trial(walk: Walk, range: Range): Promise<unknown> {
  const outcome = await send(
    walk.context,
    walk.task,
    batchStatements(walk, range, () => [], true),
    "batch:sent",
    batchLimitMs(walk),
  );
  return "error" in outcome ? outcome.error : null;
}

async function search(walk: Walk, range: Range, rows: number, bad: BadRow[]): Promise<void> {
  const { driver, stops } = walk.context;
  if (bad.length >= most) return;
  stops.boundary();
  const error = await trial(walk, range);
  if (error === null) return;
  if (driver.classify(error) !== "refused") throw error;
  if (rows <= 1) {
    bad.push({ key: nameKey(walk, range.upto), problem: driver.describe(error) });
    return;
  }
  const half = Math.ceil(rows / 2);
  const middle = await findBound(walk, range, half);
  if (middle === null || JSON.stringify(middle) === JSON.stringify(range.upto)) {
    // There are fewer rows than that.
    return search(walk, range, half, bad);
  }
  await search(walk, { after: range.after, upto: middle }, half, bad);
  await search(walk, { after: middle, upto: range.upto }, rows - half, bad);
}

/** The Problem that names the first bad rows. */
export async function findRefused(walk: Walk, range: Range, rows: number, cause: unknown): Promise<Problem> {
  const bad: BadRow[] = [];
  try {
    const upto = (await findBound(walk, range, rows)) ?? range.upto;
    await search(walk, { after: range.after, upto }, rows, bad);
  } catch (error) {
    // A pause or a lost lease in the middle of the search goes first.
    if (error instanceof Problem) return error;
  }
  const rest: BadRow[] = bad.length > 0 ? bad : [{ key: "", problem: walk.context.driver.describe(cause) }];
  return rowsRefused(walk.task, keyOf(walk.act.table), rest, cause);
}

// What is judged of expressions without a server, against what a server does with them.
import type { Connection } from "mysql2/promise";
import { describe, expect, type TestContext, test } from "vitest";
import { Problem } from "../../../src/problem.ts";
import { parseExpression } from "../../../src/syntax/mysql/expression.ts";
import { knownFunctions } from "../../../src/syntax/mysql/functions.ts";
import { type Judgement, judge } from "../../../src/syntax/mysql/judge.ts";
import { hasMariadb, mariadbDatabaseFor } from "../../harness/mariadb.ts";
import { callsOf, extremeRows, kindOf } from "./expressions.ts";

const version = 101119;
/** Null where it does not parse. */
function judged(text: string): Judgement | null {
  try {
    return judge(parseExpression(text, null), { kindOf, version });
  } catch (error) {
    if (error instanceof Problem) return null;
    throw error;
  }
}

const strict = "STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION";

interface Trial {
  /** The error of storing the expression's values in strict mode, or null. */
  raises(expression: string): Promise<{ readonly errno: number; readonly message: string } | null>;
  /** Its values in a session; null where it raises there. */
  values(session: Connection, expression: string): Promise<string | null>;
  /** Sessions that differ in whatever a writer may have set. */
  readonly sessions: readonly Connection[];
}

const settings = [
  "time_zone = '+00:00', lc_time_names = 'en_US', default_week_format = 0, div_precision_increment = 4",
  "time_zone = '-07:30', lc_time_names = 'de_DE', default_week_format = 3, div_precision_increment = 18, timestamp = 1234567890",
];

async function trial(t: TestContext): Promise<Trial> {
  const database = await mariadbDatabaseFor(t);
  const setup = await database.connect();
  await setup.query("set sql_mode = '', time_zone = '+00:00'");
  for (const statement of extremeRows("extreme")) await setup.query(statement);
  await setup.query("create table sink (v longblob)");
  await setup.query(`set sql_mode = '${strict}'`);
  const sessions = [await database.connect(), await database.connect()];
  for (const [i, session] of sessions.entries()) await session.query(`set sql_mode = '', ${settings[i]}`);
  return {
    sessions,
    async raises(expression) {
      try {
        await setup.query(`insert into sink select ${expression} from extreme`);
        await setup.query("truncate sink");
        return null;
      } catch (error) {
        const { errno, message } = error as { errno: number; message: string };
        return { errno, message };
      }
    },
    async values(session, expression) {
      try {
        const [rows] = await session.query(`select hex(cast(v as binary)) v from (select id, ${expression} as v from extreme) x order by id`);
        return JSON.stringify(rows);
      } catch {
        return null;
      }
    },
  };
}

/** A wrong number of arguments, or a syntax error because of it: nothing is known of the function then. */
const noSuchCall: ReadonlySet<number> = new Set([1582, 1064, 1054, 1318, 4029]);

const known = [...knownFunctions].filter(([, { only }]) => only !== "mysql");

describe.runIf(hasMariadb)("expressions", () => {
  test("every known function exists; total ones do not raise; none shows the session's settings", { timeout: 300_000 }, async (t) => {
    const { raises, values, sessions } = await trial(t);
    const wrong: string[] = [];
    for (const [name, definition] of known) {
      let accepted = 0;
      for (const call of callsOf(name, definition)) {
        const judgement = judged(call);
        const error = await raises(call);
        if (error !== null && noSuchCall.has(error.errno)) continue;
        accepted++;
        if (judgement === null) {
          if (error === null) wrong.push(`${call} parses there and not here`);
          continue;
        }
        if (judgement.total && error !== null) wrong.push(`${call} raises ${error.message}`);
        if (judgement.refusals.length > 0) {
          wrong.push(`${call} ${judgement.refusals[0]?.what}`);
          continue;
        }
        const [one, other] = [await values(sessions[0] as Connection, call), await values(sessions[1] as Connection, call)];
        if (one !== other) wrong.push(`${call} differs between sessions`);
      }
      if (accepted === 0) wrong.push(`${name} does not exist`);
    }
    expect(wrong).toEqual([]);
  });
});

// What is judged of expressions without a server, against what a server does with them.
import fc from "fast-check";
import type { Connection } from "mysql2/promise";
import { describe, expect, type TestContext, test } from "vitest";
import { Problem } from "../../../src/problem.ts";
import { parseExpression } from "../../../src/syntax/mysql/expression.ts";
import { knownFunctions } from "../../../src/syntax/mysql/functions.ts";
import { type Judgement, judge } from "../../../src/syntax/mysql/judge.ts";
import { hasMariadb, mariadbDatabaseFor, onMysql, versionHere as version } from "../../harness/mariadb.ts";
import { callsOf, columns, extremeRows, kindOf } from "./expressions.ts";

/** Null where it does not parse. */
function judged(text: string): Judgement | null {
  try {
    return judge(parseExpression(text, null), { kindOf, version, target: "text" });
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
  `time_zone = '-07:30', lc_time_names = 'de_DE', default_week_format = 3, div_precision_increment = 18, timestamp = 1234567890, ${onMysql ? "" : "old_mode = 'ZERO_DATE_TIME_CAST', "}group_concat_max_len = 4, max_sort_length = 8`,
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

/** Expressions over the columns of every kind. */
const anyExpression: fc.Arbitrary<string> = fc.letrec<{ e: string }>((tie) => {
  const e = tie("e");
  return {
    e: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      fc.constantFrom(...columns.map(([name]) => name)),
      fc.constantFrom("'x'", "''", "1", "0", "2.5", "1e3", "null", "date'2026-02-03'", "timestamp'2026-02-03 04:05:06'"),
      fc
        .tuple(e, fc.constantFrom("+", "-", "*", "div", "%", "=", "<=>", "<", "and", "or", "xor", "like", "&", "regexp"), e)
        .map(([a, op, b]) => `(${a} ${op} ${b})`),
      fc
        .tuple(fc.constantFrom("concat", "coalesce", "ifnull", "nullif", "greatest", "left", "strcmp", "datediff", "round", "addtime", "timediff"), e, e)
        .map(([f, a, b]) => `${f}(${a}, ${b})`),
      fc
        .tuple(
          fc.constantFrom(
            "upper",
            "trim",
            "length",
            "hex",
            "year",
            "hour",
            "floor",
            "sign",
            "sqrt",
            onMysql ? "quote" : "md5",
            "isnull",
            "date",
            "last_day",
            "to_days",
          ),
          e,
        )
        .map(([f, a]) => `${f}(${a})`),
      fc.tuple(e, e, e).map(([a, b, c]) => `if(${a}, ${b}, ${c})`),
      fc.tuple(e, e, e).map(([a, b, c]) => `case ${a} when ${b} then ${c} else ${a} end`),
      fc.tuple(e, e, e).map(([a, b, c]) => `(${a} between ${b} and ${c})`),
      fc.tuple(e, e, e).map(([a, b, c]) => `(${a} in (${b}, ${c}))`),
      fc
        .tuple(e, fc.constantFrom("char", "signed", "decimal(20,5)", "double", "date", "datetime", "binary", "char(3)", "time"))
        .map(([a, type]) => `cast(${a} as ${type})`),
      e.map((a) => `(${a} is not null)`),
      e.map((a) => `(not ${a})`),
      e.map((a) => `convert(${a} using utf8mb4)`),
    ),
  };
}).e;

/** The server refuses to compare or join these collations, whatever the rows hold; the type check finds it. */
const illegalMix: ReadonlySet<number> = new Set([1267, 1270, 1271, 4078, 4079]);

const known = [...knownFunctions].filter(
  ([, { only, until }]) => only !== (onMysql ? "mariadb" : "mysql") && !(onMysql && until !== undefined && version >= until),
);

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

  test("any expression that is judged total does not raise, and one that is not refused is the same in every session", { timeout: 300_000 }, async (t) => {
    const { raises, values, sessions } = await trial(t);
    let total = 0;
    await fc.assert(
      fc.asyncProperty(anyExpression, async (text) => {
        const judgement = judged(text);
        const error = await raises(text);
        if (judgement === null || (error !== null && illegalMix.has(error.errno))) return;
        if (judgement.total) {
          total++;
          expect([text, error?.message ?? null]).toEqual([text, null]);
        }
        if (judgement.refusals.length > 0) return;
        const [one, other] = [await values(sessions[0] as Connection, text), await values(sessions[1] as Connection, text)];
        expect([text, one]).toEqual([text, other]);
      }),
      { numRuns: 1500 },
    );
    expect(total).toBeGreaterThan(100);
  });
});

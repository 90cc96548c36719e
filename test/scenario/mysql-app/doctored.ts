// A server in a state, an account that may do so much, and what doctor says of both.
import type { TestContext } from "vitest";
import type { DoctorCheck } from "../../../src/app/contract.ts";
import { examine } from "../../../src/app/mysql/health/index.ts";
import type { Session } from "../../../src/drivers/driver.ts";
import { mysqlDriver } from "../../../src/drivers/mysql/index.ts";
import type { MariadbDatabase } from "../../harness/mariadb.ts";

export type Test = Pick<TestContext, "onTestFinished">;

export async function sessionAt(t: Test, url: string): Promise<Session> {
  const session = await mysqlDriver({ url }).connect({ purpose: "test" });
  t.onTestFinished(() => session.close());
  return session;
}

export interface Account {
  /** As statements name it. */
  readonly name: string;
  readonly url: string;
}

/** An account without any right. */
export async function accountFor(t: Test, db: MariadbDatabase, limits = ""): Promise<Account> {
  const user = `few_${db.name}`;
  const name = `\`${user}\`@\`%\``;
  await db.rows(`create user ${name} identified by 'x' ${limits}`);
  t.onTestFinished(() => void db.rows(`drop user if exists ${name}`).catch(() => undefined));
  const url = new URL(db.url);
  url.username = user;
  url.password = "x";
  return { name, url: url.href };
}

export interface Examined {
  readonly all: readonly DoctorCheck[];
  of(title: string): DoctorCheck;
  /** Titles of what is not good. */
  readonly worse: readonly string[];
}

/** On a connection of its own: some rights and settings count from the next login on. */
export async function examined(url: string): Promise<Examined> {
  const session = await mysqlDriver({ url }).connect({ purpose: "test" });
  try {
    const all = await examine(session);
    return {
      all,
      of(title) {
        const found = all.find((check) => check.title === title);
        if (found === undefined) throw new Error(`nothing is called ${title}`);
        return found;
      },
      worse: all.filter(({ state }) => state !== "good").map(({ title, state }) => `${state}: ${title}`),
    };
  } finally {
    await session.close();
  }
}

/** The statements in what a check advises, as an administrator would type them. */
export const statementsIn = ({ fix }: DoctorCheck): readonly string[] =>
  fix?.match(/\b(?:grant|set global|install soname|update performance_schema)\b[^;]*;/g) ?? [];

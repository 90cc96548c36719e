// A database, a session of the driver's on it, and its Schema.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Session } from "../../../src/drivers/driver.ts";
import { mysqlDriver } from "../../../src/drivers/mysql/index.ts";
import type { Schema, Table } from "../../../src/schema/model.ts";
import { type MariadbDatabase, mariadbDatabaseFor, onMysql } from "../../harness/mariadb.ts";

/** One of everything that the server has. */
export const everything = readFileSync(join(import.meta.dirname, onMysql ? "../mysql/everything.sql" : "everything.sql"), "utf8");

export interface Opened {
  readonly db: MariadbDatabase;
  readonly session: Session;
  read(): Promise<Schema>;
  /** What is under this name in the database, as a key of the Schema's maps. */
  key(name: string): string;
}

/** A fresh database after these statements, which are sent in one message. */
export async function openedWith(t: Parameters<typeof mariadbDatabaseFor>[0], text = ""): Promise<Opened> {
  const db = await mariadbDatabaseFor(t);
  if (text !== "") await db.rows(text);
  const driver = mysqlDriver({ url: db.url });
  const session = await driver.connect({ purpose: "reader" });
  onTestFinished(() => session.close());
  return { db, session, read: () => driver.introspect(session), key: (name) => `${db.name}.${name}` };
}

/** A session of an account that may do only this much; `$account` stands for it in the statements that allow it. */
export async function sessionOfFew(db: MariadbDatabase, grants: string): Promise<Session> {
  const account = `'few_${db.name}'@'%'`;
  await db.rows(`create user ${account} identified by 'x'; ${grants.replaceAll("$account", account)}`);
  onTestFinished(() => void db.rows(`drop user ${account}`));
  const url = new URL(db.url);
  url.username = `few_${db.name}`;
  url.password = "x";
  const session = await mysqlDriver({ url: url.href }).connect({ purpose: "reader" });
  onTestFinished(() => session.close());
  return session;
}

export function tableOf(schema: Schema, key: string): Table {
  const table = schema.tables[key];
  if (!table) throw new Error(`${key} was not read`);
  return table;
}

export const named = <T extends { readonly name: unknown }>(list: readonly T[], name: string): T => {
  const found = list.find((each) => each.name === name);
  if (!found) throw new Error(`${name} was not read`);
  return found;
};

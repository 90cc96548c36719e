// Where a URL leads, and what to say when nobody answers there. The password never leaves this file in a message.
import type pg from "pg";
import { Problem } from "../../problem.ts";
import { describe, sqlStateOf } from "./errors.ts";

/** What people give: a URL as every PostgreSQL client takes it, and how long to wait for an answer. */
export interface PostgresConfig {
  readonly url: string;
  /** Defaults to 10 s: a server that accepts but does not answer must not hold a deploy for ever. */
  readonly connectTimeoutMs?: number;
}

const modes = /([?&]sslmode=)(prefer|require|verify-ca|allow)\b/;

/**
 * The library takes `sslmode=require` for verify-full and prints a warning; every other client takes it as libpq defines it.
 * https://www.postgresql.org/docs/current/libpq-ssl.html
 */
export const withLibpqModes = (url: string): string => {
  if (!modes.test(url) || /[?&]uselibpqcompat=/.test(url)) return url;
  return `${url.replace(modes, (_, key: string, mode: string) => `${key}${mode === "allow" ? "prefer" : mode}`)}&uselibpqcompat=true`;
};

/** `prefer` and `allow` may go on without encryption; the library itself does not. */
export const mayGoUnencrypted = (url: string): boolean => /[?&]sslmode=(prefer|allow)\b/.test(url);

/** The same address with encryption off. */
export const unencrypted = (url: string): string => url.replace(modes, "$1disable");

const hints: readonly (readonly [RegExp, string])[] = [
  [/^(28P01|28000)$/, "Check user and password in the URL, and pg_hba.conf on the server."],
  [/^3D000$/, "Create the database, or correct its name at the end of the URL."],
  [/^53300$/, "The server has no free connection: raise max_connections, or close some."],
  [/^57P03$/, "The server is starting or stopping; try again in a moment."],
  [/ECONNREFUSED|ENOENT/, "Is the server running, and does it listen on this host and port?"],
  [/ENOTFOUND|EAI_AGAIN/, "The host name does not resolve: correct it in the URL."],
  [/timeout expired|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH/, "Nothing answered: check the network, a firewall, or the port."],
  [/does not support SSL/, "The server has no encryption: add ?sslmode=disable to the URL if that is intended."],
  [
    /certificate|SELF_SIGNED|UNABLE_TO_/i,
    "The server's certificate is not trusted: add &sslrootcert=/path/ca.pem, or sslmode=require to encrypt without checking it.",
  ],
  [/no pg_hba\.conf entry/, "pg_hba.conf on the server does not allow this user from here."],
];

/** The Problem for a connection that could not be made. */
export function cannotConnect(
  where: Pick<pg.Client, "host" | "port"> & { readonly database?: string | undefined; readonly user?: string | undefined },
  error: unknown,
): Problem {
  const text = describe(error);
  const code = sqlStateOf(error) || text;
  const place = `${where.host}:${where.port}`;
  const hint = hints.find(([pattern]) => pattern.test(code) || pattern.test(text))?.[1] ?? "Check the URL: postgres://user:password@host:port/database.";
  return new Problem({
    code: "cannot-connect",
    message: `Cannot connect to database "${where.database ?? ""}" on ${place} as "${where.user ?? ""}": ${text}`,
    hint,
    subject: { kind: "database", name: where.database ?? "" },
    cause: error,
  });
}

/** The Problem for a URL that the library cannot read at all; its text may hold a password, so it is not repeated. */
export const badUrl = (error: unknown): Problem =>
  new Problem({
    code: "bad-url",
    message: `The database URL cannot be read: ${describe(error).replaceAll(/\/\/[^@\s]*@/g, "//…@")}`,
    hint: "Write postgres://user:password@host:port/database; special characters in the password are percent-encoded.",
  });

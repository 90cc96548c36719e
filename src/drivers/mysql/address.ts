// Where a URL leads, and what to say when nobody answers there. The password never leaves this file in a message.
import { readFileSync } from "node:fs";
import type { ConnectionOptions } from "mysql2";
import { Problem } from "../../problem.ts";
import { describe } from "./errors.ts";

/** What people give: a URL, and how long to wait for an answer. */
export interface MysqlConfig {
  readonly url: string;
  /** Defaults to 10 s: a server that accepts but does not answer must not hold a deploy for ever. */
  readonly connectTimeoutMs?: number;
}

const defaultTimeoutMs = 10_000;

/** Encryption as the engine's own clients name it. https://dev.mysql.com/doc/refman/8.4/en/connection-options.html#option_general_ssl-mode */
const modes = ["DISABLED", "PREFERRED", "REQUIRED", "VERIFY_CA", "VERIFY_IDENTITY"] as const;
export type TlsMode = (typeof modes)[number];

/** A URL taken apart. */
export interface Address {
  readonly host: string;
  readonly port: number;
  /** A Unix socket, instead of host and port. */
  readonly socket: string | null;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly tls: TlsMode;
  /** Files. */
  readonly ca: string | null;
  readonly cert: string | null;
  readonly key: string | null;
  readonly timeoutMs: number;
}

/**
 * Takes a URL apart.
 * @throws Problem `bad-url`.
 */
export function addressOf({ url, connectTimeoutMs = defaultTimeoutMs }: MysqlConfig): Address {
  const read = parsed(url);
  const parameters = new Map([...read.searchParams].map(([name, value]) => [name.toLowerCase().replaceAll("_", "-"), value]));
  const take = (...names: readonly string[]): string | null => {
    const name = names.find((each) => parameters.has(each));
    const value = name === undefined ? null : (parameters.get(name) ?? null);
    if (name !== undefined) parameters.delete(name);
    return value;
  };
  const address: Address = {
    host: decodeURIComponent(read.hostname).replace(/^\[(.*)\]$/, "$1") || "localhost",
    port: Number(read.port || 3306),
    socket: take("socket", "socketpath"),
    user: decodeURIComponent(read.username),
    password: decodeURIComponent(read.password),
    database: decodeURIComponent(read.pathname.slice(1)),
    tls: modeOf(take("ssl-mode", "sslmode")),
    ca: take("ssl-ca"),
    cert: take("ssl-cert"),
    key: take("ssl-key"),
    timeoutMs: connectTimeoutMs,
  };
  const [unknown] = parameters.keys();
  if (unknown !== undefined)
    throw badUrl(`it has the parameter "${unknown}", which means nothing here`, "Known are socket, ssl-mode, ssl-ca, ssl-cert and ssl-key.");
  if (address.database === "") throw badUrl("it names no database", form);
  return address;
}

function parsed(url: string): URL {
  let read: URL;
  try {
    read = new URL(url);
    // What is written with a stray `%` cannot be decoded.
    for (const part of [read.hostname, read.username, read.password, read.pathname]) decodeURIComponent(part);
  } catch {
    throw badUrl("it is not a URL, or holds a character that must be percent-encoded", form);
  }
  if (!/^(mysql|mariadb):$/.test(read.protocol)) throw badUrl(`it begins with ${read.protocol}//`, form);
  return read;
}

/** `sslmode=verify-full` and its like, as other engines' URLs have it, mean the same here. */
function modeOf(text: string | null): TlsMode {
  if (text === null) return "PREFERRED";
  const wanted = text.toUpperCase().replaceAll("-", "_");
  const others: Readonly<Record<string, TlsMode>> = {
    DISABLE: "DISABLED",
    PREFER: "PREFERRED",
    ALLOW: "PREFERRED",
    REQUIRE: "REQUIRED",
    VERIFY_FULL: "VERIFY_IDENTITY",
  };
  const mode = modes.find((each) => each === wanted) ?? others[wanted];
  if (mode === undefined) throw badUrl(`its ssl-mode is "${text}"`, `Write one of ${modes.join(", ")}.`);
  return mode;
}

const form = "Write mysql://user:password@host:port/database; special characters in the password are percent-encoded.";

const badUrl = (what: string, hint: string): Problem => new Problem({ code: "bad-url", message: `The database URL cannot be read: ${what}.`, hint });

/** PREFERRED and REQUIRED encrypt without asking who answers, as the engine's own clients do. */
function tlsOptions({ tls, ca, cert, key }: Address): NonNullable<Exclude<ConnectionOptions["ssl"], string>> {
  const file = (name: string, path: string | null): object => (path === null ? {} : { [name]: readCertificate(path) });
  return {
    rejectUnauthorized: tls === "VERIFY_CA" || tls === "VERIFY_IDENTITY",
    verifyIdentity: tls === "VERIFY_IDENTITY",
    ...file("ca", ca),
    ...file("cert", cert),
    ...file("key", key),
  };
}

function readCertificate(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new Problem({
      code: "bad-url",
      message: `The file ${path}, which the database URL names, cannot be read: ${describe(cause)}`,
      hint: "Correct ssl-ca, ssl-cert or ssl-key in the URL.",
      subject: { kind: "file", name: path },
      cause,
    });
  }
}

/** The address as the library takes it. */
export const connectionOptions = (address: Address): ConnectionOptions => ({
  ...(address.socket === null ? { host: address.host, port: address.port } : { socketPath: address.socket }),
  user: address.user,
  password: address.password,
  database: address.database,
  connectTimeout: address.timeoutMs,
  // Over a socket of this machine nobody listens in.
  ...(address.tls === "DISABLED" || (address.tls === "PREFERRED" && address.socket !== null) ? {} : { ssl: tlsOptions(address) }),
});

/** Whether to go on without encryption where the server has none. */
export const mayGoUnencrypted = (address: Address, error: unknown): boolean =>
  address.tls === "PREFERRED" && (error as { readonly code?: string }).code === "HANDSHAKE_NO_SSL_SUPPORT";

const hints: readonly (readonly [RegExp, string])[] = [
  [
    /\[(1045|1698|1044|1130|1227|1862|1820)\]/,
    "Check user and password in the URL, and on the server that this user may connect from here and use the database.",
  ],
  [/\[1049\]/, "Create the database, or correct its name at the end of the URL."],
  [/\[(1040|1203|1226)\]/, "The server has no free connection: raise max_connections, or close some."],
  [/ECONNREFUSED|ENOENT/, "Is the server running, and does it listen on this host and port?"],
  [/ENOTFOUND|EAI_AGAIN/, "The host name does not resolve: correct it in the URL."],
  [/ETIMEDOUT|EHOSTUNREACH|ENETUNREACH/, "Nothing answered: check the network, a firewall, or the port."],
  [/HANDSHAKE_NO_SSL_SUPPORT/, "The server has no encryption: add ?ssl-mode=DISABLED to the URL if that is intended."],
  [
    /HANDSHAKE_SSL_ERROR|certificate/i,
    "The server's certificate is not trusted: add &ssl-ca=/path/ca.pem, or ssl-mode=REQUIRED to encrypt without checking it.",
  ],
  [/AUTH_SWITCH_PLUGIN_ERROR|unknown plugin/i, "Give the account another way to log in: mysql_native_password or caching_sha2_password."],
];

/** The Problem for a connection that could not be made. */
export function cannotConnect(address: Address, error: unknown): Problem {
  const text = describe(error);
  const place = address.socket ?? `${address.host}:${address.port}`;
  return new Problem({
    code: "cannot-connect",
    message: `Cannot connect to database "${address.database}" on ${place} as "${address.user}": ${text}`,
    hint: hints.find(([pattern]) => pattern.test(text))?.[1] ?? "Check the URL: mysql://user:password@host:port/database.",
    subject: { kind: "database", name: address.database },
    cause: error,
  });
}

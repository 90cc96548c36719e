import { expect, test } from "vitest";
import { addressOf, cannotConnect, connectionOptions, mayGoUnencrypted } from "./address.ts";

const noEncryption = Object.assign(new Error("no"), { code: "HANDSHAKE_NO_SSL_SUPPORT" });

test("a URL is taken apart, with what is percent-encoded in it", () => {
  expect(addressOf({ url: "mariadb://m%40e:se%2Fcret@[::1]:3307/sh%20op?ssl_mode=verify_ca&SSL-CA=/ca.pem" })).toEqual({
    host: "::1",
    port: 3307,
    socket: null,
    user: "m@e",
    password: "se/cret",
    database: "sh op",
    tls: "VERIFY_CA",
    ca: "/ca.pem",
    cert: null,
    key: null,
    timeoutMs: 10_000,
  });
  expect(addressOf({ url: "mysql:///shop?socket=/run/mysqld/mysqld.sock" })).toMatchObject({
    host: "localhost",
    port: 3306,
    socket: "/run/mysqld/mysqld.sock",
    user: "",
  });
});

test.each([
  ["DISABLED", "DISABLED"],
  ["disable", "DISABLED"],
  ["PREFERRED", "PREFERRED"],
  ["require", "REQUIRED"],
  ["verify-ca", "VERIFY_CA"],
  ["verify-full", "VERIFY_IDENTITY"],
  ["VERIFY_IDENTITY", "VERIFY_IDENTITY"],
])("ssl-mode=%s is %s", (text, mode) => {
  expect(addressOf({ url: `mysql://h/d?ssl-mode=${text}` }).tls).toBe(mode);
});

test("only what may be trusted less is checked less", () => {
  const ssl = (rest: string) => connectionOptions(addressOf({ url: `mysql://h/d${rest}` })).ssl;
  expect(ssl("?ssl-mode=DISABLED")).toBeUndefined();
  expect(ssl("?socket=/s")).toBeUndefined();
  expect(ssl("")).toMatchObject({ rejectUnauthorized: false, verifyIdentity: false });
  expect(ssl("?ssl-mode=REQUIRED")).toMatchObject({ rejectUnauthorized: false });
  expect(ssl("?ssl-mode=VERIFY_CA")).toMatchObject({ rejectUnauthorized: true, verifyIdentity: false });
  expect(ssl("?ssl-mode=VERIFY_IDENTITY")).toMatchObject({ rejectUnauthorized: true, verifyIdentity: true });
});

test("only PREFERRED goes on without encryption, and only where the server has none", () => {
  const may = (rest: string, error: unknown = noEncryption): boolean => mayGoUnencrypted(addressOf({ url: `mysql://h/d${rest}` }), error);
  expect(may("")).toBe(true);
  expect(may("?ssl-mode=REQUIRED")).toBe(false);
  expect(may("", Object.assign(new Error("no"), { code: "HANDSHAKE_SSL_ERROR" }))).toBe(false);
});

test("a message names host, port and database, never the password, and a hint fits its cause", () => {
  const address = addressOf({ url: "mysql://me:secret@db.example.org:3307/shop" });
  const refused = cannotConnect(address, Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED", errno: -111 }));
  expect(refused.code).toBe("cannot-connect");
  expect(refused.message).toContain("db.example.org:3307");
  expect(refused.message).toContain('"shop"');
  expect(refused.message).not.toContain("secret");
  expect(refused.hint).toContain("listen");
  expect(cannotConnect(address, Object.assign(new Error("no"), { errno: 1045 })).hint).toContain("password");
  expect(cannotConnect(address, Object.assign(new Error("no"), { errno: 1049 })).hint).toContain("Create the database");
  expect(cannotConnect(address, new Error("self-signed certificate")).hint).toContain("ssl-ca");
});

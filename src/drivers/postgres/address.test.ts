import { expect, test } from "vitest";
import { badUrl, cannotConnect, mayGoUnencrypted, unencrypted, withLibpqModes } from "./address.ts";

test("encryption modes mean what libpq means by them", () => {
  expect(withLibpqModes("postgres://u@h/d?sslmode=require")).toBe("postgres://u@h/d?sslmode=require&uselibpqcompat=true");
  expect(withLibpqModes("postgres://u@h/d?a=b&sslmode=allow&c=d")).toBe("postgres://u@h/d?a=b&sslmode=prefer&c=d&uselibpqcompat=true");
  expect(withLibpqModes("postgres://u@h/d?sslmode=verify-full")).toBe("postgres://u@h/d?sslmode=verify-full");
  expect(withLibpqModes("postgres://u@h/d?sslmode=require&uselibpqcompat=false")).toBe("postgres://u@h/d?sslmode=require&uselibpqcompat=false");
  expect(withLibpqModes("postgres://u@h/d")).toBe("postgres://u@h/d");
});

test("only prefer and allow may do without", () => {
  expect(mayGoUnencrypted("postgres://h/d?sslmode=prefer")).toBe(true);
  expect(mayGoUnencrypted("postgres://h/d?sslmode=require")).toBe(false);
  expect(unencrypted("postgres://h/d?sslmode=prefer")).toBe("postgres://h/d?sslmode=disable");
});

test("a message names host, port and database, and a hint fits its cause", () => {
  const where = { host: "db.example.org", port: 5433, database: "shop", user: "me" };
  const refused = cannotConnect(where, Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" }));
  expect(refused.code).toBe("cannot-connect");
  expect(refused.message).toContain("db.example.org:5433");
  expect(refused.message).toContain('"shop"');
  expect(refused.hint).toContain("listen");
  expect(cannotConnect(where, Object.assign(new Error("no"), { code: "28P01" })).hint).toContain("password");
  expect(cannotConnect(where, new Error("self-signed certificate")).hint).toContain("sslrootcert");
});

test("a URL that cannot be read is not repeated with its password", () => {
  expect(badUrl(new Error("Invalid URL: postgres://me:secret@h:x/d")).message).not.toContain("secret");
});

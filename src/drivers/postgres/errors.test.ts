import { expect, test } from "vitest";
import { Problem } from "../../problem.ts";
import { classify, sqlStateOf, describe as tell } from "./errors.ts";

const server = (code: string, message = "message", more: object = {}): Error => Object.assign(new Error(message), { code, ...more });

test.each([
  ["55P03", "retry"],
  ["40P01", "retry"],
  ["40001", "retry"],
  ["53300", "retry"],
  ["57P03", "retry"],
  ["57P01", "lost"],
  ["57P02", "lost"],
  ["25P04", "lost"],
  ["08006", "lost"],
  ["08P01", "lost"],
  ["40003", "lost"],
  ["23505", "refused"],
  ["22012", "refused"],
  ["P0001", "refused"],
  ["42501", "denied"],
  ["28P01", "denied"],
  ["25006", "denied"],
  ["HS001", "fenced"],
  ["HS002", "guard"],
  ["42601", "fatal"],
  ["53100", "fatal"],
  ["53200", "fatal"],
  ["XX000", "fatal"],
])("%s is %s", (code, kind) => {
  expect(classify(server(code))).toBe(kind);
});

test("a timeout may be tried again, a cancel that somebody asked for may not", () => {
  expect(classify(server("57014", "canceling statement due to statement timeout"))).toBe("retry");
  expect(classify(server("57014", "canceling statement due to user request"))).toBe("fatal");
});

test("two sessions changing one catalog row may try again", () => {
  expect(classify(server("XX000", "tuple concurrently updated"))).toBe("retry");
  expect(classify(server("XX000", "cache lookup failed for relation 4711"))).toBe("retry");
});

test("a socket's end is a lost connection, however it is told", () => {
  expect(classify(server("ECONNRESET"))).toBe("lost");
  expect(classify(new Error("Connection terminated unexpectedly"))).toBe("lost");
  expect(classify(Object.assign(new Error(""), { errors: [server("ECONNREFUSED")] }))).toBe("lost");
});

test("a Problem is judged by its cause", () => {
  expect(classify(new Problem({ code: "cannot-connect", message: "no", cause: server("53300") }))).toBe("retry");
  expect(classify(new Problem({ code: "bad-url", message: "no" }))).toBe("fatal");
});

test("what is no error is fatal and can be described", () => {
  expect(classify(undefined)).toBe("fatal");
  expect(classify("text")).toBe("fatal");
  expect(tell("text")).toBe("text.");
});

test("a server's error is described in one line", () => {
  const error = server("23505", 'duplicate key value violates unique constraint "k"', { detail: "Key (a)=(1)\nalready exists.", hint: "Choose another" });
  expect(tell(error)).toBe('duplicate key value violates unique constraint "k". Key (a)=(1) already exists. Choose another [23505]');
  expect(tell(new Problem({ code: "cannot-connect", message: "no" }))).toBe("no.");
});

test("only five characters are an SQLSTATE", () => {
  expect(sqlStateOf(server("23505"))).toBe("23505");
  expect(sqlStateOf(server("ECONNRESET"))).toBe("");
  expect(sqlStateOf(null)).toBe("");
});

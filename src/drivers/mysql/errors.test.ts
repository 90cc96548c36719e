import { expect, test } from "vitest";
import { Problem } from "../../problem.ts";
import { classify, errnoOf, describe as tell } from "./errors.ts";

const server = (errno: number, message = "message", more: object = {}): Error => Object.assign(new Error(message), { errno, code: "ER_SOME", ...more });

test.each([
  [1205, "retry"],
  [1213, "retry"],
  [1969, "retry"],
  [3024, "retry"],
  [1040, "retry"],
  [1412, "retry"],
  [1020, "retry"],
  [1053, "lost"],
  [1927, "lost"],
  [2006, "lost"],
  [2013, "lost"],
  [1062, "refused"],
  [1451, "refused"],
  [1452, "refused"],
  [1265, "refused"],
  [1292, "refused"],
  [1916, "refused"],
  [3854, "refused"],
  [1366, "refused"],
  [1364, "refused"],
  [4025, "refused"],
  [1142, "denied"],
  [1044, "denied"],
  [1045, "denied"],
  [1227, "denied"],
  [1419, "denied"],
  [1449, "denied"],
  [1290, "denied"],
  [1317, "fatal"],
  [1799, "fatal"],
  [1146, "fatal"],
  [1064, "fatal"],
  [1021, "fatal"],
  [1846, "fatal"],
])("%s is %s", (errno, kind) => {
  expect(classify(server(errno))).toBe(kind);
});

test("what our own checks signal is told apart from what a user's trigger signals", () => {
  expect(classify(server(1644, "no", { sqlState: "45H01" }))).toBe("fenced");
  expect(classify(server(1644, "no", { sqlState: "45H02" }))).toBe("guard");
  expect(classify(server(1644, "no", { sqlState: "45000" }))).toBe("refused");
});

test("a number that is not known is judged by its state", () => {
  expect(classify(server(9999, "no", { sqlState: "22007" }))).toBe("refused");
  expect(classify(server(9999, "no", { sqlState: "40001" }))).toBe("retry");
  expect(classify(server(9999, "no", { sqlState: "HY000" }))).toBe("fatal");
});

test("a socket's end is a lost connection, however it is told", () => {
  expect(classify(server(-104, "read ECONNRESET", { code: "ECONNRESET" }))).toBe("lost");
  expect(classify(Object.assign(new Error("Connection lost"), { code: "PROTOCOL_CONNECTION_LOST", fatal: true }))).toBe("lost");
  expect(classify(new Error("Can't add new command when connection is in closed state"))).toBe("lost");
  expect(classify(Object.assign(new Error(""), { errors: [server(-111, "no", { code: "ECONNREFUSED" })] }))).toBe("lost");
  // The same number is "no such trigger" on MariaDB.
  expect(classify(server(4031, "The client was disconnected by the server because of inactivity. See wait_timeout"))).toBe("lost");
  expect(classify(server(4031, "Referenced trigger 'x' does not exist"))).toBe("fatal");
});

test("a Problem is judged by its cause", () => {
  expect(classify(new Problem({ code: "cannot-connect", message: "no", cause: server(1040) }))).toBe("retry");
  expect(classify(new Problem({ code: "bad-url", message: "no" }))).toBe("fatal");
});

test("what is no error is fatal and can be described", () => {
  expect(classify(undefined)).toBe("fatal");
  expect(classify("text")).toBe("fatal");
  expect(tell("text")).toBe("text.");
});

test("a server's error is described in one line, with its number", () => {
  expect(tell(server(1062, "Duplicate entry 'a\nb' for key 'k'"))).toBe("Duplicate entry 'a b' for key 'k' [1062]");
  expect(tell(server(-111, "connect ECONNREFUSED", { code: "ECONNREFUSED" }))).toBe("connect ECONNREFUSED [ECONNREFUSED]");
  expect(tell(new Problem({ code: "cannot-connect", message: "no" }))).toBe("no.");
  expect(errnoOf(server(-111))).toBe(0);
});

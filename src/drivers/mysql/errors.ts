// What an error means for the statement that met it: one table from the server's error numbers to a class.
import { Problem } from "../../problem.ts";
import type { ErrorClass } from "../driver.ts";

/** The fields of a server error that we read; `mysql2` sets them. */
interface ServerError {
  readonly errno?: number | string;
  readonly code?: string;
  readonly sqlState?: string;
  readonly message?: string;
  readonly errors?: readonly unknown[];
  readonly cause?: unknown;
}

const fieldsOf = (error: unknown): ServerError => (typeof error === "object" && error !== null ? (error as ServerError) : {});

/** The class of an error; a Problem is judged by what caused it. */
export function classify(error: unknown): ErrorClass {
  const { cause } = fieldsOf(error);
  if (error instanceof Problem) return cause === undefined ? "fatal" : classify(cause);
  return "fatal";
}

/** One line for people. */
export function describe(error: unknown): string {
  return fieldsOf(error).message ?? String(error);
}

/** Classified like what the library says when its socket ended. */
export const lostConnection = (message: string, cause: Error | null): Error =>
  Object.assign(new Error(message, cause === null ? undefined : { cause }), { code: "PROTOCOL_CONNECTION_LOST" });

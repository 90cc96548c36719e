// Which engine a benchmark is run on. A part of other benchmarks, and no figure of its own.

/** Takes `--engine NAME` out of the arguments; PostgreSQL where it is not there. @throws Error for another name. */
export function engineOf(args: readonly string[]): { readonly engine: "postgres" | "mariadb"; readonly rest: readonly string[] } {
  const at = args.findIndex((arg) => arg === "--engine" || arg.startsWith("--engine="));
  if (at < 0) return { engine: "postgres", rest: args };
  const joined = args[at]?.split("=")[1];
  const engine = joined ?? args[at + 1];
  if (engine !== "postgres" && engine !== "mariadb") throw new Error(`--engine is postgres or mariadb, not ${engine}`);
  return { engine, rest: args.toSpliced(at, joined === undefined ? 2 : 1) };
}

// What the kernel knows of a process or thread. A part of other benchmarks, and no figure of its own.
import { existsSync, readFileSync } from "node:fs";

/** Milliseconds that it has spent on a processor; null where the kernel does not tell. @param file its `schedstat`. */
export const processorMs = (file: string): number | null => (existsSync(file) ? Number(readFileSync(file, "utf8").split(" ")[0]) / 1e6 : null);

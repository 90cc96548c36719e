// Databases that live for one purpose, on a server that outlives them.
import { randomBytes } from "node:crypto";
import type { DatabaseServer, Scratch } from "./sandbox.ts";

/** How a scratch database comes about. */
export interface ScratchOptions {
  /** Database to clone; nobody may be connected to it. */
  readonly template?: string;
  /** Part of its name, for people who look at the server; lower-case letters, digits and underscores. */
  readonly purpose?: string;
}

/**
 * Creates an empty or cloned database under a name that nobody else uses.
 * @throws Problem `sandbox-database` when the server refuses.
 */
export async function createScratch(server: DatabaseServer, options: ScratchOptions = {}): Promise<Scratch> {
  const name = `${options.purpose ?? "scratch"}_${randomBytes(6).toString("hex")}`;
  await server.createDatabase(name, options.template);
  return { name, url: server.url(name), drop: () => server.dropDatabase(name) };
}

// A TCP port on this machine that nobody listens on.
import { createServer } from "node:net";
import { Problem } from "../problem.ts";

/** Enough even where many tests start servers at once. */
const tries = 10;

/**
 * Calls `start` with a free port, and again with another one where somebody took it between asking and using.
 * @param start Throws a Problem with `details.portTaken` when the port is in use.
 */
export async function onFreePort<T>(start: (port: number) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(await freePort());
    } catch (error) {
      const taken = error instanceof Problem && (error.details as { portTaken?: boolean } | undefined)?.portTaken === true;
      if (!taken || attempt === tries) throw error;
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

// Counts round trips: a proxy that notes how often the client speaks again after the server has.
import { connect, createServer } from "node:net";
import type { TestContext } from "vitest";

export interface Counter {
  /** The same database, through the proxy. */
  readonly url: string;
  turns: number;
}

/** Ends with the test. */
export async function countTurns(test: Pick<TestContext, "onTestFinished">, target: string): Promise<Counter> {
  const { hostname, port } = new URL(target);
  const counter = { url: "", turns: 0 };
  const proxy = createServer((client) => {
    const server = connect(Number(port), hostname);
    let answered = true;
    client.on("data", (data) => {
      if (answered) counter.turns += 1;
      answered = false;
      server.write(data);
    });
    server.on("data", (data) => {
      answered = true;
      client.write(data);
    });
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      one.on("error", () => other.destroy());
      one.on("close", () => other.end());
    }
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  test.onTestFinished(() => new Promise<void>((resolve) => proxy.close(() => resolve())));
  const address = proxy.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const url = new URL(target);
  url.hostname = "127.0.0.1";
  url.port = String(address.port);
  return Object.assign(counter, { url: url.href });
}

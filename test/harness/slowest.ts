// How long the slowest of many statements takes, and how much of that is the machine's doing: what delays a statement that needs no lock is
// no wait for one.

interface Client {
  query(text: string): Promise<unknown>;
}

/** How many were sent, and how long the slowest of them took, ms. */
export interface Slowest {
  readonly ms: number;
  readonly statements: number;
}

/** @param send sends one and waits for it. One comes 2 ms behind the other, until `stop`. */
export function measureSlowest(send: () => Promise<unknown>): { stop(): Promise<Slowest> } {
  let [going, ms, statements] = [true, 0, 0];
  const sending = (async () => {
    while (going) {
      const since = performance.now();
      await send();
      ms = Math.max(ms, performance.now() - since);
      statements += 1;
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  })();
  // Whoever stops hears of it.
  sending.catch(() => undefined);
  return {
    async stop() {
      going = false;
      await sending;
      return { ms, statements };
    },
  };
}

/** How busy the machine is: the slowest of the statements that wait for nobody. @param client is used by nobody else. */
export const measureBusy = (client: Client): { stop(): Promise<Slowest> } => measureSlowest(() => client.query("select 1"));

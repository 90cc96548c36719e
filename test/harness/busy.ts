// How busy the machine is while a wait is measured: what delays a statement that needs no lock is no wait for one.

interface Client {
  query(text: string): Promise<unknown>;
}

/** Sends statements that wait for nobody until `stop`, which says how long the slowest of them took, ms. @param client is used by nobody else. */
export function measureBusy(client: Client): { stop(): Promise<number> } {
  let [going, slowest] = [true, 0];
  const sending = (async () => {
    while (going) {
      const since = performance.now();
      await client.query("select 1");
      slowest = Math.max(slowest, performance.now() - since);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  })();
  // Who stops hears of it.
  sending.catch(() => undefined);
  return {
    async stop() {
      going = false;
      await sending;
      return slowest;
    },
  };
}

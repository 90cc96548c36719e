// Time, as an argument.

export interface Clock {
  /** ms since some fixed moment; never goes back. */
  now(): number;
  /** Resolves after that many ms, or at once when a signal is aborted. */
  sleep(ms: number, ...signals: readonly AbortSignal[]): Promise<void>;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  sleep(ms, ...signals) {
    return new Promise((resolve) => {
      if (signals.some((signal) => signal.aborted)) return resolve();
      const end = (): void => {
        clearTimeout(timer);
        for (const signal of signals) signal.removeEventListener("abort", end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      for (const signal of signals) signal.addEventListener("abort", end);
    });
  },
};

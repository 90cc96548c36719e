// Ending a connection in the protocol's own way, as far as there is somebody to hear it.

/** A server that is at work, or far away, has answered by then, ms; one that is frozen, or behind a network that swallows everything, never does. */
const patienceMs = 2_000;

/** Resolves when the goodbye is answered, or the connection was cut because it is not. @param cut destroys the socket, so that the process may end. */
export async function sayGoodbye(goodbye: Promise<unknown>, cut: () => void): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const unanswered = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      cut();
      resolve();
    }, patienceMs);
  });
  await Promise.race([goodbye.catch(() => undefined), unanswered]);
  clearTimeout(timer);
}

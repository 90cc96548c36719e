// What a server must be before a run may begin on it.
import type { Server } from "../../drivers/driver.ts";
import { Problem } from "../../problem.ts";

export const readOnlyServer = (database: string): Problem =>
  new Problem({
    code: "read-only-server",
    message: `The server of database "${database}" is a standby, or its sessions are read-only; nothing can be changed there.`,
    hint: "Give the URL of the primary, or take back the setting that closes it for writes: docs/problems/read-only-server.md names it.",
    subject: { kind: "database", name: database },
  });

/**
 * What keeps every run from this server: `read-only-server`, `pooled-connection`, `clustered-server`, `server-setting`, `server-too-old`; null: nothing.
 * @param supported `Capabilities.supported` of the server's version.
 */
export function serverProblem(server: Server, supported: boolean): Problem | null {
  const subject = { kind: "database", name: server.database };
  if (!supported) {
    return new Problem({
      code: "server-too-old",
      message: `${server.product} is not among the versions that Hotstick is tested on.`,
      hint: "docs/requirements.md lists them; upgrade the server, or Hotstick.",
      subject,
    });
  }
  if (server.readOnly) {
    return readOnlyServer(server.database);
  }
  if (server.cluster !== undefined) {
    return new Problem({
      code: "clustered-server",
      message: `The server of database "${server.database}" is a member of a cluster (${server.cluster}): a lock is known to one member only, and the others can refuse what a run commits.`,
      hint: "Nothing was changed. Change a cluster by its own means; reading commands and hotstick plan work on it.",
      subject,
    });
  }
  if (server.setting !== undefined) {
    return new Problem({
      code: "server-setting",
      message: `A setting of the server of database "${server.database}" is in the way: ${server.setting.message}.`,
      hint: `${server.setting.fix} Nothing was changed; when it is set: hotstick doctor`,
      subject,
    });
  }
  if (server.pooled) {
    return new Problem({
      code: "pooled-connection",
      message: `The connection to database "${server.database}" goes through a pooler that gives each transaction another session; a run cannot be fenced there.`,
      hint: "Set directUrl (HOTSTICK_DIRECT_URL) to the server's own address; reading commands go on using url.",
      subject,
    });
  }
  return null;
}

/** Reading commands work everywhere; only those that change something ask. @throws Problem as `serverProblem` tells. */
export function checkServer(server: Server, supported: boolean): void {
  const problem = serverProblem(server, supported);
  if (problem !== null) throw problem;
}

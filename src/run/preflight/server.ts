// What a server must be before a run may begin on it.
import type { Server } from "../../drivers/driver.ts";
import { Problem } from "../../problem.ts";

/**
 * Reading commands work everywhere; only those that change something ask.
 * @param supported `Capabilities.supported` of the server's version.
 * @throws Problem `read-only-server`, `pooled-connection`, `server-too-old`.
 */
export function checkServer(server: Server, supported: boolean): void {
  const subject = { kind: "database", name: server.database };
  if (!supported) {
    throw new Problem({
      code: "server-too-old",
      message: `${server.product} is not among the versions that Hotstick is tested on.`,
      hint: "docs/requirements.md lists them; upgrade the server, or Hotstick.",
      subject,
    });
  }
  if (server.readOnly) {
    throw new Problem({
      code: "read-only-server",
      message: `The server of database "${server.database}" is a standby, or its sessions are read-only; nothing can be changed there.`,
      hint: "Give the URL of the primary, or take back the setting that closes it for writes: docs/problems/read-only-server.md names it.",
      subject,
    });
  }
  if (server.pooled) {
    throw new Problem({
      code: "pooled-connection",
      message: `The connection to database "${server.database}" goes through a pooler that gives each transaction another session; a run cannot be fenced there.`,
      hint: "Set directUrl (HOTSTICK_DIRECT_URL) to the server's own address; reading commands go on using url.",
      subject,
    });
  }
}

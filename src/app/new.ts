// Writes an empty migration file whose name sorts last.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { Problem } from "../problem.ts";
import { readFolder } from "../sources/folder.ts";
import { migrationName, migrationText, slug } from "../sources/stub.ts";
import type { AppContext, NewOptions, NewResult } from "./contract.ts";

/** @throws Problem `bad-usage` where the title has no letter or digit. */
export async function newMigration({ config, cwd }: AppContext, { title, format }: NewOptions): Promise<NewResult> {
  const words = slug(title);
  if (words === "")
    throw new Problem({
      code: "bad-usage",
      message: `"${title}" makes no file name.`,
      hint: "Say in words what the migration does: hotstick new split user names",
    });
  const existing = existsSync(config.migrations) ? readFolder(config.migrations).map(({ name }) => name) : [];
  mkdirSync(config.migrations, { recursive: true });
  const name = migrationName(words, new Date(), existing);
  const path = join(config.migrations, `${name}.${format}`);
  // Never over a file that is there, whatever the clock says.
  writeFileSync(path, migrationText(format), { flag: "wx" });
  return { name, file: relative(cwd, path), next: { command: "hotstick plan", why: "shows what it would do, once it says something" } };
}

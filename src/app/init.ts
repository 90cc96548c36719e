// Makes what a project needs: a configuration file and a migrations folder. Touches nothing that is there.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { configStub } from "../config/stub.ts";
import { folderReadme } from "../sources/stub.ts";
import type { AppContext, InitOptions, InitResult } from "./contract.ts";

export async function init({ config, cwd }: AppContext, { format }: InitOptions): Promise<InitResult> {
  const created: string[] = [];
  const kept: string[] = [];
  const write = (path: string, text: string): void => {
    const name = relative(cwd, path);
    if (existsSync(path)) kept.push(name);
    else {
      writeFileSync(path, text, { flag: "wx" });
      created.push(name);
    }
  };
  const { name, text } = configStub(format);
  write(config.file ?? join(cwd, name), text);
  mkdirSync(config.migrations, { recursive: true });
  write(join(config.migrations, "README.md"), folderReadme);
  return { created, kept, next: { command: "hotstick doctor", why: "checks whether the database can carry a run" } };
}

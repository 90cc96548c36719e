// Compiles src/ to dist/ and copies what tsc leaves behind: the numbered .sql files of the store.
import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const tsc = join(root, "node_modules", "typescript", "bin", "tsc");

// `prepare` also runs where only production dependencies are installed; the package then ships dist/.
if (!existsSync(tsc)) {
  if (existsSync(join(root, "dist"))) process.exit(0);
  console.error("hotstick: typescript is not installed, so dist/ cannot be built; run npm ci with development dependencies");
  process.exit(1);
}

rmSync(join(root, "dist"), { recursive: true, force: true });
execFileSync(process.execPath, [tsc, "-p", join(root, "tsconfig.build.json")], { stdio: "inherit" });

const copySql = (folder) => {
  for (const entry of readdirSync(join(root, "src", folder), { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) copySql(path);
    else if (entry.name.endsWith(".sql")) cpSync(join(root, "src", path), join(root, "dist", path), { recursive: true });
  }
};
copySql("");
const bin = join(root, "dist", "cli", "main.js");
if (existsSync(bin)) chmodSync(bin, 0o755);

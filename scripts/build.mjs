// Compiles src/ and copies what tsc leaves behind: the numbered .sql files of the store.
//   build.mjs [FOLDER [FLAG...]]     FOLDER instead of dist/; flags go to tsc
import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [out = join(root, "dist"), ...flags] = process.argv.slice(2);
const tsc = join(root, "node_modules", "typescript", "bin", "tsc");

// `prepare` also runs where only production dependencies are installed; the package then ships dist/.
if (!existsSync(tsc)) {
  if (existsSync(join(root, "dist"))) process.exit(0);
  console.error("hotstick: typescript is not installed, so dist/ cannot be built; run npm ci with development dependencies");
  process.exit(1);
}

rmSync(out, { recursive: true, force: true });
execFileSync(process.execPath, [tsc, "-p", join(root, "tsconfig.build.json"), "--outDir", out, ...flags], { stdio: "inherit" });

const copySql = (folder) => {
  for (const entry of readdirSync(join(root, "src", folder), { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) copySql(path);
    else if (entry.name.endsWith(".sql")) cpSync(join(root, "src", path), join(out, path), { recursive: true });
  }
};
copySql("");
const bin = join(out, "cli", "main.js");
if (existsSync(bin)) chmodSync(bin, 0o755);

// npm run bench -- NAME [args]: runs bench/NAME.ts, which exports `default async (args: string[]) => unknown`, and prints what it
// returns as JSON, with the machine it was measured on.
import { existsSync, readdirSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createJiti } from "jiti";

const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), "bench");
const [name, ...args] = process.argv.slice(2);
const names = existsSync(folder) ? readdirSync(folder).flatMap((file) => (file.endsWith(".ts") ? [file.slice(0, -3)] : [])) : [];

if (name === undefined || !names.includes(name)) {
  console.error(`usage: npm run bench -- NAME [args]\nbenchmarks: ${names.join(", ") || "none yet"}`);
  process.exit(1);
}
const bench = await createJiti(import.meta.url).import(join(folder, `${name}.ts`), { default: true });
const machine = { cpu: cpus()[0]?.model, cores: cpus().length, memoryGiB: Math.round(totalmem() / 2 ** 30), node: process.version };
console.log(JSON.stringify({ bench: name, args, at: new Date().toISOString(), machine, result: await bench(args) }, null, 2));

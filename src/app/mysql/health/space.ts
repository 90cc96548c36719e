// Room on the disks, as far as the server tells.
import type { Session } from "../../../drivers/driver.ts";
import { classify } from "../../../drivers/mysql/errors.ts";
import { sql } from "../../../sql/sql.ts";
import { type Check, good, warn } from "../../health.ts";
import { globalVariables } from "../variables.ts";

interface Disk extends Record<string, unknown> {
  readonly path: string;
  /** KiB. */
  readonly available: string;
}

/** MariaDB's plugin DISKS, which asks for the right FILE. Null: not installed, or not allowed. */
async function disks(session: Session): Promise<readonly Disk[] | null> {
  try {
    const there = await session.query(sql`select 1 as yes from information_schema.plugins where plugin_name = 'DISKS' and plugin_status = 'ACTIVE'`);
    return there.length === 0 ? null : await session.query<Disk>(sql`select path as path, available as available from information_schema.disks`);
  } catch (error) {
    if (classify(error) === "denied") return null;
    throw error;
  }
}

/** The disk that a folder is on: that with the longest path above it. */
const diskOf = (folder: string, all: readonly Disk[]): Disk | undefined =>
  all.filter(({ path }) => path === "/" || folder === path || folder.startsWith(`${path}/`)).sort((a, b) => b.path.length - a.path.length)[0];

const size = (bytes: number): string => (bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.ceil(bytes / 1e6)} MB`);

/** A table made anew stands beside the old one; the archive of a run and an index's sorted pieces are smaller than that. */
export const space: Check = {
  title: "disk space",
  async ask(session) {
    const value = await globalVariables(session, ["datadir", "tmpdir", "innodb_tmpdir"]);
    const [biggest] = await session.query<{ name: string; bytes: string }>(sql`
      select table_name as name, coalesce(data_length + index_length, 0) as bytes from information_schema.tables
      where table_schema = database() and table_type = 'BASE TABLE' order by 2 desc limit 1`);
    if (biggest === undefined) return good("there are no tables yet");
    const needed = Number(biggest.bytes);
    const temporary = (value("innodb_tmpdir") ?? "") === "" ? (value("tmpdir") ?? "") : (value("innodb_tmpdir") ?? "");
    const folders = [value("datadir") ?? "", temporary.split(":")[0] ?? ""].map((folder) => folder.replace(/(.)\/+$/, "$1"));
    const meaning = `the biggest table, ${biggest.name}, takes ${size(needed)}; to make it anew takes as much again in ${folders[0]}, and an index is sorted in ${folders[1]}`;
    const all = await disks(session);
    if (all === null) return good(`${meaning}; how much is free there the server does not tell (MariaDB would: install soname 'disks'; and the right FILE)`);
    const free = folders.map((folder) => Number(diskOf(folder, all)?.available ?? 0) * 1024);
    const least = Math.min(...free);
    return least > needed
      ? good(`${size(least)} are free; ${meaning}`)
      : warn(`only ${size(least)} are free; ${meaning}`, "Make room, or set innodb_tmpdir to a bigger disk.");
  },
};

// The clause that makes the server refuse an ALTER rather than do more than the plan says.
import { isMariadb } from "./capabilities.ts";

/**
 * - `instant`: only the catalog changes. - `nocopy`: an index is built or dropped, the table is not made anew.
 * - `rebuild`: the table is made anew while everybody works.
 */
export type Way = "instant" | "nocopy" | "rebuild";

/** MySQL knows no NOCOPY, and takes no LOCK beside INSTANT. @see https://mariadb.com/kb/en/innodb-online-ddl-overview/ */
export function clause(version: number, way: Way): string {
  if (way === "instant") return isMariadb(version) ? "algorithm=instant, lock=none" : "algorithm=instant";
  return `algorithm=${way === "nocopy" && isMariadb(version) ? "nocopy" : "inplace"}, lock=none`;
}

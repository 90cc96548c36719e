// The servers that the matrix is for: each PostgreSQL, and MariaDB.
import { majors, newest } from "../../harness/majors.ts";
import { hasMariadb, mariadbFor } from "../../harness/mariadb.ts";
import { type EngineName, mariadbPlace, type Place, postgresPlace } from "../../harness/matrix-place.ts";
import { serverFor } from "../../harness/servers.ts";

export interface Stand {
  readonly name: string;
  readonly engine: EngineName;
  /** Null where there is only one. */
  readonly major: number | null;
  /** On the server that the tests of this worker share. */
  place(): Promise<Place>;
}

const postgres = (major: number): Stand => ({
  name: `PostgreSQL ${major}`,
  engine: "postgres",
  major,
  place: async () => postgresPlace(await serverFor(major)),
});

const mariadb: Stand = { name: "MariaDB", engine: "mariadb", major: null, place: async () => mariadbPlace(await mariadbFor()) };

/** Use with `describe.each(stands)("%s", (_, stand) => …)`. */
export const stands: readonly (readonly [name: string, Stand])[] = [...majors.map(postgres), ...(hasMariadb ? [mariadb] : [])].map((each) => [each.name, each]);

/** One of each engine. */
export const firstStands = stands.filter(([, { major }]) => major === null || major === newest);

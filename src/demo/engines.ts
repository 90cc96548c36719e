// The one list of engines that the demo can run on.
import { Problem } from "../problem.ts";
import type { Engine } from "./engine.ts";
import { mariadb } from "./mariadb.ts";
import { postgres } from "./postgres.ts";

/** The first one is taken where nothing is said. */
const engines: readonly [Engine, ...Engine[]] = [postgres, mariadb];

/**
 * @param name Absent: the first of the list.
 * @throws Problem `bad-usage`, with the names there are.
 */
export function engineNamed(name?: string): Engine {
  const found = name === undefined ? engines[0] : engines.find((engine) => engine.name === name);
  if (found) return found;
  throw new Problem({
    code: "bad-usage",
    message: `The demo does not run on "${name}"; it runs on ${engines.map((engine) => engine.name).join(" and ")}.`,
    hint: `hotstick demo --engine ${engines.at(-1)?.name}`,
  });
}

// The one list of engines that the demo can run on.
import { Problem } from "../problem.ts";
import type { Engine } from "./engine.ts";
import { type EngineName, engineNames } from "./engine-names.ts";
import { mariadb } from "./mariadb.ts";
import { postgres } from "./postgres.ts";

const engines: Readonly<Record<EngineName, Engine>> = { postgres, mariadb };

/** @throws Problem `bad-usage`, with the names there are. */
export function engineNamed(name: string = engineNames[0]): Engine {
  const known = engineNames.find((each) => each === name);
  if (known) return engines[known];
  throw new Problem({
    code: "bad-usage",
    message: `The demo does not run on "${name}"; it runs on ${engineNames.join(" and ")}.`,
    hint: `hotstick demo --engine ${engineNames.at(-1)}`,
  });
}

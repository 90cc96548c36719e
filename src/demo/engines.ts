// The one list of engines that the demo can run on.
import type { Engine } from "./engine.ts";
import { postgres } from "./postgres.ts";

const engines: readonly Engine[] = [postgres];

/** The engine of a name that we gave ourselves. */
export function engineNamed(name: string): Engine {
  const found = engines.find((engine) => engine.name === name);
  if (!found) throw new TypeError(`the demo has no engine ${name}`);
  return found;
}

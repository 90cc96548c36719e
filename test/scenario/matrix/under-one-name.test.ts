// kill -9 at every point of a run, forward and backward.
import { cases } from "./cases.ts";
import { killAll } from "./kill.ts";
import { oneOf } from "./points.ts";

killAll(
  cases.filter(({ name }) => ["retype", "chain"].includes(name)),
  oneOf,
);

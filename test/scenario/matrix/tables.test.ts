// kill -9 at every point of a run, forward and backward.
import { cases } from "./cases.ts";
import { killAll } from "./kill.ts";
import { oneOf } from "./points.ts";

killAll(
  cases.filter(({ name }) => ["partitions", "tables, statements and a function"].includes(name)),
  oneOf,
);

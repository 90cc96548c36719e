// kill -9 at every point of a run, forward and backward.
import { newest } from "../../harness/majors.ts";
import { cases } from "./cases.ts";
import { killAll } from "./kill.ts";
import { eachKind } from "./points.ts";

killAll(
  cases.filter(({ name }) => ["split"].includes(name)),
  (it, stand) => (stand.major === null || stand.major === newest ? eachKind(it, stand) : []),
);

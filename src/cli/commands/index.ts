// The one list of commands, in the order of `hotstick --help`.
import type { AnyCommand } from "../command.ts";
import { advance } from "./advance.ts";
import { complete } from "./complete.ts";
import { demo } from "./demo.ts";
import { doctor } from "./doctor.ts";
import { history } from "./history.ts";
import { init } from "./init.ts";
import { newCommand } from "./new.ts";
import { pause } from "./pause.ts";
import { plan } from "./plan.ts";
import { resume } from "./resume.ts";
import { rollback } from "./rollback.ts";
import { start } from "./start.ts";
import { status } from "./status.ts";
import { undo } from "./undo.ts";
import { up } from "./up.ts";
import { verify } from "./verify.ts";

export const commands: readonly AnyCommand[] = [
  init,
  newCommand,
  plan,
  up,
  start,
  advance,
  complete,
  rollback,
  undo,
  pause,
  resume,
  status,
  verify,
  history,
  doctor,
  demo,
];

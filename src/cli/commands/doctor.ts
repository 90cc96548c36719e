// hotstick doctor: whether this server, role and connection can carry a run; changes nothing.
import type { DoctorResult } from "../../app/contract.ts";
import type { Command } from "../command.ts";
import { doctorText } from "../render/result.ts";

export const doctor: Command<DoctorResult> = {
  name: "doctor",
  summary: "check whether this server, role and connection can carry a run",
  arguments: [],
  options: [],
  interrupt: "stop",
  empty: { server: null, ok: false, checks: [] },
  run: async (context, _args, { useCase }) => (await useCase("doctor"))(context, {}),
  text: doctorText,
  exit: ({ ok }) => (ok ? 0 : 1),
};

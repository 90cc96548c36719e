// Where each use case lies; loaded when its command runs.
import type { UseCases } from "../app/contract.ts";
import type { LoadUseCase } from "./command.ts";

const loaders: { readonly [Name in keyof UseCases]: () => Promise<UseCases[Name]> } = {
  init: async () => (await import("../app/init.ts")).init,
  newMigration: async () => (await import("../app/new.ts")).newMigration,
  plan: async () => (await import("../app/plan.ts")).plan,
  up: async () => (await import("../app/up.ts")).up,
  start: async () => (await import("../app/start.ts")).start,
  advance: async () => (await import("../app/advance.ts")).advance,
  complete: async () => (await import("../app/complete.ts")).complete,
  rollback: async () => (await import("../app/rollback.ts")).rollback,
  undo: async () => (await import("../app/undo.ts")).undo,
  status: async () => (await import("../app/status.ts")).status,
  verify: async () => (await import("../app/verify.ts")).verify,
  history: async () => (await import("../app/history.ts")).history,
  pause: async () => (await import("../app/pause.ts")).pause,
  resume: async () => (await import("../app/resume.ts")).resume,
  doctor: async () => (await import("../app/doctor.ts")).doctor,
  demo: async () => (await import("../demo/demo.ts")).demo,
};

export const loadUseCase: LoadUseCase = (name) => loaders[name]();

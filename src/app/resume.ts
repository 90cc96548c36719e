import type { UseCases } from "./contract.ts";
import { unbuilt } from "./unbuilt.ts";

export const resume: UseCases["resume"] = unbuilt("resume");

import type { UseCases } from "./contract.ts";
import { unbuilt } from "./unbuilt.ts";

export const start: UseCases["start"] = unbuilt("start");

import type { UseCases } from "./contract.ts";
import { unbuilt } from "./unbuilt.ts";

export const plan: UseCases["plan"] = unbuilt("plan");

import type { UseCases } from "./contract.ts";
import { unbuilt } from "./unbuilt.ts";

export const complete: UseCases["complete"] = unbuilt("complete");

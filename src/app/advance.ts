import type { UseCases } from "./contract.ts";
import { unbuilt } from "./unbuilt.ts";

export const advance: UseCases["advance"] = unbuilt("advance");

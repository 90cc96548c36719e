import type { UseCases } from "./contract.ts";
import { unbuilt } from "./unbuilt.ts";

export const up: UseCases["up"] = unbuilt("up");

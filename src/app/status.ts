import type { UseCases } from "./contract.ts";
import { unbuilt } from "./unbuilt.ts";

export const status: UseCases["status"] = unbuilt("status");

import type { UseCases } from "./contract.ts";
import { unbuilt } from "./unbuilt.ts";

export const verify: UseCases["verify"] = unbuilt("verify");

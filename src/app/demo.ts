import type { UseCases } from "./contract.ts";
import { unbuilt } from "./unbuilt.ts";

export const demo: UseCases["demo"] = unbuilt("demo");

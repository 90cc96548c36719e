import type { UseCases } from "./contract.ts";
import { unbuilt } from "./unbuilt.ts";

export const doctor: UseCases["doctor"] = unbuilt("doctor");

import type { UseCases } from "./contract.ts";
import { unbuilt } from "./unbuilt.ts";

export const history: UseCases["history"] = unbuilt("history");

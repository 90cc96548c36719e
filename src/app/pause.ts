import type { UseCases } from "./contract.ts";
import { unbuilt } from "./unbuilt.ts";

export const pause: UseCases["pause"] = unbuilt("pause");

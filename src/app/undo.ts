import type { UseCases } from "./contract.ts";
import { unbuilt } from "./unbuilt.ts";

export const undo: UseCases["undo"] = unbuilt("undo");

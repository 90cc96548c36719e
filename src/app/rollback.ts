import type { UseCases } from "./contract.ts";
import { unbuilt } from "./unbuilt.ts";

export const rollback: UseCases["rollback"] = unbuilt("rollback");

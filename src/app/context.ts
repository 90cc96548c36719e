// Makes the context of a use case from what a caller brings: loads the configuration, and the loader of files where one needs it.
import { loadConfig } from "../config/load.ts";
import { createEvaluate } from "../sources/evaluate.ts";
import type { AppContext, Invocation } from "./contract.ts";

/** @throws Problem `bad-config`. */
export async function openContext({ flags, env, ...rest }: Invocation): Promise<AppContext> {
  const evaluate = createEvaluate({ root: rest.cwd, modules: async () => ({ hotstick: await import("../authoring.ts") }) });
  const config = await loadConfig({ cwd: rest.cwd, flags, env, evaluate });
  return { ...rest, config, evaluate };
}

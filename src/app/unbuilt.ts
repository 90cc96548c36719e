// Stands in for a use case that is not written yet, so that everything else can be built and tried.
import { Problem } from "../problem.ts";

export const unbuilt = (name: string) => (): Promise<never> =>
  Promise.reject(new Problem({ code: "unbuilt", message: `The command ${name} is not written yet.`, hint: "Wait for the next version." }));

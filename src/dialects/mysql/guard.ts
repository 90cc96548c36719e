// A query that must not find anything, as a statement: outside of stored programs nothing can raise an error on a condition.
import type { Template } from "../../step/step.ts";
import { quoteName } from "./quoting.ts";

/** Belongs to the store. Its state is of the class `guard`, and the server cuts a message at 128 characters. */
const procedure = quoteName(["hotstick", "refuse"]);

/** Fails with the first row's `problem` where the query finds a row. */
export const guard = (query: Template): Template =>
  `call ${procedure}((select coalesce(found.problem, 'a guard of this step says no') from (${query}) as found limit 1))`;

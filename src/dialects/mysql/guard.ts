// A query that must not find anything, as a statement: outside of stored programs nothing can raise an error on a condition.
import type { Template } from "../../step/step.ts";
import { quoteName } from "./quoting.ts";

/** Belongs to the store. Its state is of the class `guard`, and the server cuts a message at 128 characters. */
const procedure = quoteName(["hotstick", "refuse"]);

/**
 * Fails with the first row's `problem` where the query finds a row. Two statements: within CALL the server would lock every row that the query
 * reads, and so wait for each writer; a SELECT by itself locks none. https://mariadb.com/kb/en/set-transaction/#isolation-levels
 */
export const guard = (query: Template): readonly Template[] => [
  `select (select coalesce(found.problem, 'a guard of this step says no') from (${query}) as found limit 1) into @hotstick_problem`,
  `call ${procedure}(@hotstick_problem)`,
];

// A query that must not find anything, as a statement: outside of stored programs nothing can raise an error on a condition.
import type { Template } from "../../step/step.ts";
import { quoteName } from "./quoting.ts";

const procedure = quoteName(["hotstick", "refuse"]);

/** What the guards call; belongs to the store. Its state is of the class `guard`. The server cuts a message at 128 characters. */
export const guardProcedure: Template = `create procedure ${procedure}(in problem longtext character set utf8mb4) no sql sql security invoker
begin
  if problem is not null then
    set problem = left(problem, 128);
    signal sqlstate '45H02' set message_text = problem;
  end if;
end`;

/** Fails with the first row's `problem` where the query finds a row. */
export const guard = (query: Template): Template =>
  `call ${procedure}((select coalesce(found.problem, 'a guard of this step says no') from (${query}) as found limit 1))`;

// What can be done only while the table's writers wait, unless it is done to a copy beside the table. The one place that says which way it goes.
import type { SizeFact } from "../../../schema/facts.ts";
import type { ObjectName } from "../../../schema/model.ts";
import type { Estimate, ShadowCopyAct, Template } from "../../../step/step.ts";
import type { Form } from "../../../syntax/mysql/alter-actions.ts";
import { isSmall, workMs } from "./limits.ts";

/** How it goes: by the server itself where writers may wait, because that is soon over or somebody accepts it; else into a copy. */
export const copyForm = (size: SizeFact | null, isAccepted: boolean): ShadowCopyAct["form"] => (isSmall(size) || isAccepted ? "blocking" : "beside");

/** What the server itself would do meanwhile. */
export const copyWay = ({ algorithm, deceives, rebuilds }: Form): "copying" | "making anew" | "reading" =>
  algorithm === "COPY" || deceives === true ? "copying" : rebuilds ? "making anew" : "reading";

export const shadowCopy = (table: ObjectName, statement: Template, form: ShadowCopyAct["form"]): ShadowCopyAct => ({
  kind: "shadow-copy",
  table,
  statement,
  form,
});

/** How long the server works at a table of this size. @param holds whether writers wait for it. */
export function estimateOf(form: Form, size: SizeFact | null, holds: boolean): Estimate {
  const known = size !== null && size.rows >= 0;
  const ms = form.rebuilds ? workMs(size, copyWay(form) === "copying" ? "copy" : "rebuild") : null;
  return { rows: known ? size.rows : null, ...(known && form.rebuilds ? { bytes: size.bytes } : {}), ms, holdMs: holds ? ms : null };
}

const said: Readonly<Record<"small" | "accepted" | "beside", string>> = {
  small: "Writers wait until the server has done it, which on a table of this size is within the lock budget.",
  accepted: "Writers wait until the server has done it, as the migration accepts.",
  beside: "To be done to a copy beside the table, so that no writer waits; this version cannot do that yet.",
};

/** Why it goes as it does. */
export const copyReason = (form: ShadowCopyAct["form"], size: SizeFact | null): string =>
  said[form === "beside" ? "beside" : isSmall(size) ? "small" : "accepted"];

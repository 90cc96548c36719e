// A user's own statements as steps. DDL commits by itself, so each statement of it is a step of its own, with a probe where its text tells what
// it makes; consecutive statements that change rows are one transaction.
import type { UserStatement } from "../../step/change.ts";
import { type Act, type Lock, literally, type StepCore, type Work } from "../../step/step.ts";
import type { DraftContext, DraftStep } from "../dialect.ts";
import { exclusive } from "./core.ts";
import { begin, type Followed, follow, type Moment } from "./native/follow.ts";
import { limitsOf } from "./native/limits.ts";
import type { Native } from "./native/native.ts";
import { copyForm, copyReason, estimateOf, shadowCopy } from "./native/shadow-copy.ts";
import { undoOfParts } from "./native/undo-parts.ts";
import type { Trace } from "./probes/trace.ts";

const firstLine = (statement: string): string => {
  const line = statement.trim().replaceAll(/\s+/g, " ");
  return line.length > 70 ? `${line.slice(0, 69)}…` : line;
};

const nothing: StepCore["estimate"] = { rows: null, ms: null, holdMs: null };

/** Of a statement whose cost nobody knows the worst is to be expected. */
const worked = (work: UserStatement["work"]): Work => (work === "unknown" ? "scan" : work);

function rowsCore(group: readonly UserStatement[]): StepCore {
  const [head] = group;
  if (!head) throw new TypeError("an empty group of statements");
  const heavy = group.map(({ work }) => work).find((work) => work !== "instant");
  return {
    title: group.length === 1 ? firstLine(head.text) : `${group.length} statements: ${firstLine(head.text)}`,
    act: { kind: "statements", transactional: true, guards: [], statements: group.map(({ text }) => literally(text)), repair: [] },
    probe: null,
    locks: [],
    work: worked(heavy ?? "instant"),
    timeouts: { lock: "budget", statement: 0 },
    why: "Written by you; the statements are one transaction.",
    estimate: nothing,
    group: null,
    mark: null,
  };
}

/** What is altered, dropped or made anew is for one instant nobody else's; what is only read is held against being dropped. */
const locksOf = ({ statement }: Followed): readonly Lock[] =>
  statement.tables.map(({ table, mode }) => (mode === "SHARED MDL" ? { table, mode, strong: false } : exclusive(table)));

const traced: Readonly<Record<Trace["kind"], string>> = {
  seen: "Written by you; the server commits it by itself, and what it makes shows that it is done.",
  again: "Written by you; the server commits it by itself. After a crash in the middle it is sent again, which changes nothing.",
  exchange:
    "Written by you; the server commits it by itself. Nothing shows that it is done, so after a crash in the middle it is sent again, which gives the names back.",
  unseen: "Written by you; the server commits it by itself. Nothing shows that it is done, so after a crash in the middle it is sent again.",
};

const columnsMove = ({ form, actions }: Native): boolean =>
  form.algorithm === "INSTANT" && actions.some(({ kind }) => kind === "drop column" || (kind.startsWith("add ") && kind.includes("column")));

function whyOf({ trace }: Followed, native: Native | null, version: number): string {
  const { most, errno } = limitsOf(version).instantColumns;
  const limit =
    native && columnsMove(native) ? ` A table takes ${most} columns so; then the server refuses (error ${errno}) until ALTER … FORCE made it anew.` : "";
  return `${traced[trace.kind]}${limit}${native === null || native.said || native.sure ? "" : doubted(native)}`;
}

/** What of a copy that may be needed is asked for. */
function doubted({ form: { algorithm, lock } }: Native): string {
  const doubt = " Only the server can tell whether it has to copy the table";
  if (algorithm !== "COPY")
    return `${doubt}: it is asked to do without, and refuses otherwise, which costs nothing; to have it copied nevertheless write algorithm=copy.`;
  return lock === "NONE" ? `${doubt}; it does so while others write.` : "";
}

/** Each of several things to be dropped goes by itself. @see https://mariadb.com/kb/en/atomic-ddl/ */
const dropsSeveral = (text: string): boolean => /^\s*drop\b[^(]*,/i.test(text);

const sentAs = (text: string): Act => ({
  kind: "statements",
  transactional: false,
  guards: [],
  statements: [literally(text)],
  repair: [],
  ...(dropsSeveral(text) ? { partial: true as const } : {}),
});

/** @param native one of the statement's parts; null where it alters no table that stands already. */
function ddlCore(followed: Followed, native: Native | null, trace: Trace, { schema: { version }, accepts }: Moment): StepCore {
  const { statement, size, table } = followed;
  const text = native?.text ?? statement.text;
  const work = worked(native?.form.work ?? statement.work);
  const form = native?.holds ? copyForm(size, accepts("needs-shadow-copy")) : null;
  return {
    title: firstLine(text),
    act: table && form ? shadowCopy(table, literally(text), form) : sentAs(text),
    probe: trace.kind === "seen" ? { query: trace.probe, afterIntent: true } : null,
    locks: locksOf(followed),
    work,
    timeouts: { lock: "budget", statement: work === "instant" ? "budget" : 0 },
    why: `${whyOf({ ...followed, trace }, native, version)}${form ? ` ${copyReason(form, size)}` : ""}`,
    estimate: native && work !== "instant" ? estimateOf(native.form, size, form === "blocking") : nothing,
    group: null,
    mark: null,
  };
}

/** One core for each part, told apart by what each of them makes. */
function coresOf(followed: Followed, moment: Moment): readonly StepCore[] {
  const parts = followed.decided?.parts ?? [];
  if (parts.length < 2) return [ddlCore(followed, parts[0] ?? null, followed.trace, moment)];
  let at = moment;
  return parts.map((part) => {
    const next = follow({ ...followed.statement, text: part.text }, at);
    at = next.after;
    return ddlCore(followed, part, next.followed.trace, moment);
  });
}

/** Consecutive statements that change rows only. */
function grouped(statements: readonly UserStatement[]): readonly (readonly UserStatement[])[] {
  const groups: UserStatement[][] = [];
  for (const statement of statements) {
    const last = groups.at(-1);
    if (last?.[0]?.transactional && !last[0].alone && statement.transactional && !statement.alone) last.push(statement);
    else groups.push([statement]);
  }
  return groups;
}

/** Steps of statements that nothing walks back. */
function cores(statements: readonly UserStatement[], from: Moment): { readonly cores: readonly StepCore[]; readonly after: Moment } {
  let moment = from;
  const made = grouped(statements).flatMap((group): readonly StepCore[] => {
    const [head] = group;
    if (!head || head.transactional) return [rowsCore(group)];
    const { followed, after } = follow(head, moment, null);
    const own = coresOf(followed, moment);
    moment = after;
    return own;
  });
  return { cores: made, after: moment };
}

interface Walked {
  /** The statements of the group, and where its part of the undo begins, counted in statements. */
  readonly group: readonly UserStatement[];
  readonly followed: Followed | null;
  readonly before: Moment;
}

/** Every statement forward, each known what walks it back. */
function forward(
  statements: readonly UserStatement[],
  undo: readonly (UserStatement | null)[] | null,
  from: Moment,
): { readonly all: readonly Walked[]; readonly after: Moment } {
  const paired = undo !== null && undo.length === statements.length;
  let moment = from;
  let count = 0;
  const all = grouped(statements).map((group): Walked => {
    const before = moment;
    count += group.length;
    const [head] = group;
    if (!head || head.transactional) return { group, followed: null, before };
    const partner = undo === null ? null : paired ? (undo[statements.length - count]?.text ?? null) : undefined;
    const { followed, after } = follow(head, before, partner);
    moment = after;
    return { group, followed, before };
  });
  return { all, after: moment };
}

/**
 * @param undo as a whole where there is one step; else one for each statement, the last statement's first, so that each step is walked back by
 * what belongs to it, however far a run came. Null in it: what another's undo takes back.
 */
export function userSteps(statements: readonly UserStatement[], undo: readonly (UserStatement | null)[] | null, context: DraftContext): readonly DraftStep[] {
  const { schema } = context;
  const { all, after } = forward(statements, undo, begin(context));
  // The undo runs from its first statement on, against what all statements left.
  let moment = after;
  let used = 0;
  const steps: DraftStep[] = [];
  for (const { group, followed, before } of [...all].reverse()) {
    const own = (undo === null ? [] : all.length === 1 ? undo : undo.slice(used, used + group.length)).filter((each) => each !== null);
    used += group.length;
    const done = followed ? coresOf(followed, before) : [rowsCore(group)];
    const texts = done.length > 1 && followed?.decided && own[0] ? undoOfParts(followed.decided, own[0].text, schema.version) : null;
    const pieces = texts && own[0] ? texts.map((text): UserStatement => ({ ...(own[0] as UserStatement), text })) : null;
    const drafts: DraftStep[] = [];
    for (const [i, core] of [...done.entries()].reverse()) {
      const back = cores(pieces ? pieces.slice(i, i + 1) : i === 0 ? own : [], moment);
      moment = back.after;
      drafts.unshift({ ...core, undo: back.cores, ...(undo ? {} : { oneWay: `"${core.title}" was written without an undo` }) });
    }
    steps.unshift(...drafts);
  }
  return steps;
}

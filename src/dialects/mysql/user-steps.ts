// A user's own statements as steps. DDL commits by itself, so each statement of it is a step of its own, with a probe where its text tells what
// it makes; consecutive statements that change rows are one transaction.
import type { UserStatement } from "../../step/change.ts";
import { type Act, type Lock, literally, type StepCore, type Work } from "../../step/step.ts";
import { setsSession } from "../../syntax/mysql/set.ts";
import type { Values } from "../../syntax/mysql/set-value.ts";
import { wordsOf } from "../../syntax/mysql/words.ts";
import type { DraftContext, DraftStep } from "../dialect.ts";
import { exclusive } from "./core.ts";
import { aroundOf, nothingSet, targetsOf } from "./kept-values.ts";
import { begin, type Followed, follow, type Moment } from "./native/follow.ts";
import { limitsOf } from "./native/limits.ts";
import type { Native } from "./native/native.ts";
import { copyForm, copyReason, estimateOf, shadowCopy } from "./native/shadow-copy.ts";
import { undoOfParts } from "./native/undo-parts.ts";
import type { Trace } from "./probes/trace.ts";
import { type Group, groupsOf } from "./statement-groups.ts";

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

/** What an act is done with: what was set before it, and is set back. */
function settled(core: StepCore, { statements, values, transactional }: Group, version: number): StepCore {
  const { act } = core;
  const around = aroundOf(values, transactional ? statements.flatMap((statement) => targetsOf(statement, version)) : []);
  return around && (act.kind === "statements" || act.kind === "shadow-copy") ? { ...core, act: { ...act, around } } : core;
}

/** Where the reading of statements stands, and what is set there. */
interface Place {
  readonly moment: Moment;
  readonly values: Values;
}

/** Steps of statements that nothing walks back. */
function cores(statements: readonly UserStatement[], from: Place): { readonly cores: readonly StepCore[]; readonly after: Place } {
  let { moment } = from;
  const { version } = moment.schema;
  const { groups, after: values } = groupsOf(statements, version, from.values);
  const isOnlySet = statements.every(({ text }) => setsSession(wordsOf(text, { version })));
  if (isOnlySet) return { cores: [], after: { moment, values } };
  const made = groups.flatMap((group): readonly StepCore[] => {
    const [head] = group.statements;
    if (!head || group.transactional) return [settled(rowsCore(group.statements), group, version)];
    const { followed, after } = follow(head, moment, null);
    const own = coresOf(followed, moment);
    moment = after;
    return own.map((core) => settled(core, group, version));
  });
  return { cores: made, after: { moment, values } };
}

interface Walked {
  readonly group: Group;
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
  const all = groupsOf(statements, from.schema.version).groups.map((group): Walked => {
    const before = moment;
    const [head] = group.statements;
    if (!head || group.transactional) return { group, followed: null, before };
    const partner = undo === null ? null : paired ? (undo[statements.length - 1 - group.first]?.text ?? null) : undefined;
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
  let place: Place = { moment: after, values: nothingSet };
  let used = 0;
  const steps: DraftStep[] = [];
  for (const { group, followed, before } of [...all].reverse()) {
    const own = (undo === null ? [] : all.length === 1 ? undo : undo.slice(used, used + group.count)).filter((each) => each !== null);
    used += group.count;
    const done = (followed ? coresOf(followed, before) : [rowsCore(group.statements)]).map((core) => settled(core, group, schema.version));
    const isSet = ({ text }: UserStatement): boolean => setsSession(wordsOf(text, { version: schema.version }));
    const [partner, ...more] = own.filter((each) => !isSet(each));
    const texts = done.length > 1 && followed?.decided && partner && more.length === 0 ? undoOfParts(followed.decided, partner.text, schema.version) : null;
    const pieces = texts?.map((text) => own.map((each) => (each === partner ? { ...each, text } : each)));
    const drafts: DraftStep[] = [];
    for (const [i, core] of [...done.entries()].reverse()) {
      const back = cores(pieces ? (pieces[i] ?? []) : i === 0 ? own : [], place);
      place = back.after;
      drafts.unshift({ ...core, undo: back.cores, ...(undo ? {} : { oneWay: `"${core.title}" was written without an undo` }) });
    }
    steps.unshift(...drafts);
  }
  return steps;
}

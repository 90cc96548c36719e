// How a user's own ALTER is put to the server: the strictest ALGORITHM and LOCK that it is believed to accept, which costs nothing where it
// refuses; and in parts where only their being together would make the table anew.
import type { Facts, SizeFact } from "../../../schema/facts.ts";
import type { AlterAction, AlterTable } from "../../../syntax/mysql/alter.ts";
import { type AlterKind, clauseOf, type Form } from "../../../syntax/mysql/alter-actions.ts";
import { rebuildsInPlace } from "../../../syntax/mysql/alter-pairs.ts";
import { formOn } from "../../../syntax/mysql/alter-traits.ts";
import { asAsked } from "../../../syntax/mysql/effects.ts";
import { said, wordsOf } from "../../../syntax/mysql/words.ts";
import { isMariadb } from "../capabilities.ts";
import { alteredBy } from "./altered.ts";
import { apart } from "./apart.ts";
import { sayingForeignKey } from "./drop-constraint.ts";
import { afterAction, type KnownTable, traitsOf } from "./known.ts";
import { instantLeft, isSmall, limitsOf } from "./limits.ts";
import { refined } from "./refine.ts";

/** One statement as it is sent. */
export interface Native {
  readonly text: string;
  readonly actions: readonly AlterAction[];
  readonly form: Form;
  /** False where only the server can tell what it has to do; then it is asked for a form in which others work, or refuses. */
  readonly sure: boolean;
  /** Writers wait for all of it. */
  readonly holds: boolean;
  /** It names its ALGORITHM or LOCK itself. */
  readonly said: boolean;
}

export interface Decided {
  readonly alter: AlterTable;
  /** In order; several where the one statement would cost more than all of them. */
  readonly parts: readonly Native[];
  readonly after: KnownTable;
}

interface Judged {
  readonly form: Form;
  readonly sure: boolean;
  readonly after: KnownTable;
}

const copied: Form = { algorithm: "COPY", lock: "SHARED", rebuilds: true, work: "rewrite" };

/** A key that is dropped and made again in one statement is exchanged. */
const exchanged = (kinds: readonly AlterKind[]): readonly AlterKind[] =>
  kinds.includes("add primary key") ? kinds.map((kind) => (kind === "drop primary key" ? "replace primary key" : kind)) : kinds;

/** What these actions do together to the table. */
function judge(text: string, actions: readonly AlterAction[], table: KnownTable, facts: Facts, version: number): Judged {
  const lexing = { version };
  const end = actions.reduce((before, action) => afterAction(before, text, action, facts, lexing), table);
  let after = table;
  let sure = true;
  const kinds: AlterKind[] = [];
  for (const action of actions) {
    const found = refined(text, action, { before: table, now: after, end }, facts, version);
    kinds.push(...found.kinds);
    sure &&= found.sure;
    after = afterAction(after, text, action, facts, lexing);
  }
  const alone = table.innodb ? formOn(exchanged(kinds), version, traitsOf(table)) : copied;
  const counted = alone?.algorithm === "INSTANT" && kinds.some(movesColumns);
  const form = counted && instantLeft(table.size, version) <= 0 ? anew : alone;
  return { form: form ?? copied, sure: sure && form !== null, after: { ...after, size: remembered(after.size, form, counted) } };
}

const movesColumns = (kind: AlterKind): boolean => /^(add|drop) (checked |unindexed |virtual )?column/.test(kind) && kind !== "add virtual column";

/** What the server does where it keeps no more shapes of rows. */
const anew: Form = { algorithm: "INPLACE", lock: "NONE", rebuilds: true, work: "rewrite" };

/** A table that is made anew has forgotten them. */
function remembered(size: SizeFact | null, form: Form | null, counted: boolean): SizeFact | null {
  if (size?.versions === undefined) return size;
  return { ...size, versions: form?.rebuilds ? 0 : size.versions + (counted ? 1 : 0) };
}

/** A column that the server begins to count. */
const beginsToCount = (before: KnownTable, after: KnownTable): boolean =>
  [...after.columns].some(([name, { counts }]) => counts && before.columns.get(name)?.counts !== true);

/**
 * Others work on while a copy is made, and what they write is brought along. Tried on MariaDB 11.8.6, which says 1846 to a column that begins
 * to count and to a table into which foreign keys write. Without a key it would be slow; of a history nobody has tried whether it stays whole.
 */
const copiesOnline = ({ form, after }: Judged, table: KnownTable, alter: AlterTable, version: number): boolean =>
  limitsOf(version).copiesOnline &&
  form.algorithm === "COPY" &&
  form.deceives !== true &&
  table.innodb &&
  table.keyed &&
  !table.versioned &&
  !table.cascaded &&
  !beginsToCount(table, after) &&
  !alter.ignores;

const holdsWriters = ({ lock, work }: Form): boolean => work !== "instant" && work !== "unknown" && lock !== "NONE" && lock !== "DEFAULT";

/** What parts are made to avoid. */
const isDear = (form: Form): boolean => form.rebuilds || holdsWriters(form);

/** What is asked for where nobody knows: it is refused rather than that writers wait. */
const careful: Form = { algorithm: "INPLACE", lock: "NONE", rebuilds: true, work: "rewrite" };

/** CREATE INDEX takes its clauses one behind the other, and so does DROP INDEX on MySQL; on MariaDB that takes none, and never copies. */
function sharply(statement: string, clause: string, version: number): string {
  const first = said(wordsOf(statement, { version }), 0);
  if (first === "drop" && isMariadb(version)) return statement;
  return `${statement}${first === "alter" ? clause : clause.replaceAll(",", "")}`;
}

/** What the user's own clause leaves of it: where the server would have to do more, it refuses, and nobody waits. */
function saidHolds(judged: Form, alter: AlterTable): boolean {
  const form = asAsked(judged, alter);
  if (form.deceives || alter.algorithm === null || alter.algorithm === "COPY" || alter.algorithm === "DEFAULT") return holdsWriters(form);
  return judged.algorithm !== "COPY" && holdsWriters(form);
}

function nativeOf(text: string, alter: AlterTable, actions: readonly AlterAction[], judged: Judged, table: KnownTable, version: number): Native {
  const own = alter.algorithm !== null || alter.lock !== null;
  const rebuilds = rebuildsInPlace(
    actions.map(({ kind }) => kind),
    version,
  );
  if (own) {
    return { text, actions, form: asAsked(judged.form, alter, rebuilds), sure: true, holds: saidHolds(judged.form, alter), said: own };
  }
  const { form } = judged;
  if (copiesOnline(judged, table, alter, version)) {
    const online: Form = { ...form, lock: "NONE" };
    // What may need no copy is not asked for one.
    const clause = judged.sure ? clauseOf(online) : ", LOCK = NONE";
    return { text: sharply(text, clause, version), actions, form: online, sure: judged.sure, holds: false, said: own };
  }
  const copies = form.algorithm === "COPY" || form.deceives === true;
  // The server picks the best way by itself where it has to copy, and where the copy is over at once nobody need know more.
  if (copies && (judged.sure || isSmall(table.size))) return { text, actions, form, sure: judged.sure, holds: holdsWriters(form), said: own };
  if (copies) return { text: sharply(text, clauseOf(careful), version), actions, form: careful, sure: false, holds: false, said: own };
  return { text: sharply(text, clauseOf(form), version), actions, form, sure: judged.sure, holds: holdsWriters(form), said: own };
}

/** The parts, each of which leaves the table's rows where they are and lets others work; null where there are none such. */
function divided(text: string, alter: AlterTable, table: KnownTable, facts: Facts, version: number): readonly Native[] | null {
  const units = apart(text, alter, table, { version });
  if (!units) return null;
  const head = text.slice(0, alter.actions[0]?.start ?? 0);
  const parts: Native[] = [];
  let at = table;
  let open: readonly AlterAction[] = [];
  const close = (): boolean => {
    const judged = judge(text, open, at, facts, version);
    if (isDear(judged.form) || !judged.sure) return false;
    const own = `${head}${open.map(({ start, end }) => text.slice(start, end)).join(", ")}`;
    parts.push(nativeOf(own, alter, open, judged, at, version));
    at = judged.after;
    return true;
  };
  for (const unit of units) {
    const more = judge(text, [...open, ...unit], at, facts, version);
    if (open.length > 0 && isDear(more.form)) {
      if (!close()) return null;
      open = [];
    }
    open = [...open, ...unit];
  }
  return close() && parts.length > 1 ? parts : null;
}

/**
 * @param table null where it is new, or nothing is known of it; then nobody waits for what is done to it, and the server decides.
 * @param mayDivide false where what walks it back could not tell its parts. Null for a statement that alters no table.
 */
export function decide(statement: string, table: KnownTable | null, facts: Facts, version: number, mayDivide: boolean): Decided | null {
  if (!table) return null;
  const text = sayingForeignKey(statement, table, version);
  const alter = alteredBy(text, version);
  if (!alter || alter.actions.length === 0) return null;
  const judged = alter.ignores ? { ...judge(text, alter.actions, table, facts, version), form: copied } : judge(text, alter.actions, table, facts, version);
  const whole = nativeOf(text, alter, alter.actions, judged, table, version);
  const parts = mayDivide && !whole.said && isDear(judged.form) && !alter.ignores ? divided(text, alter, table, facts, version) : null;
  return { alter, parts: parts ?? [whole], after: judged.after };
}

// Names of our functions and triggers.
import { Problem } from "../../../problem.ts";
import type { ObjectName, Trigger } from "../../../schema/model.ts";
import { derivedName, homeNamespace, keyOf } from "../../../schema/names.ts";
import type { SyncInput } from "./input.ts";

const limit = 63;
const bytes = (text: string): number => Buffer.byteLength(text, "utf8");
const after = (a: string, b: string): boolean => Buffer.compare(Buffer.from(a, "utf8"), Buffer.from(b, "utf8")) > 0;

/** Longest texts that the holes of a serial become: ten digits of a run, five of a generation. The parser cuts a name with its holes, too. */
const grown = (serial: string): number =>
  Math.max(bytes(serial), bytes(serial.replaceAll("{{run}}", "0".repeat(10)).replaceAll("{{generation}}", "0".repeat(5))));

/** A function of this table: never named as an earlier one, since sessions keep compiled bodies with the types of that time. */
export const functionName = (input: Pick<SyncInput, "table" | "serial">, purpose: string): ObjectName => ({
  schema: homeNamespace,
  name: `${derivedName([keyOf(input.table), purpose], limit - 1 - grown(input.serial))}_${input.serial}`,
});

const next = (character: string): string | null => {
  const point = (character.codePointAt(0) ?? 0) + 1;
  return point > 0x10ffff ? null : String.fromCodePoint(point === 0xd800 ? 0xe000 : point);
};

/**
 * A name that sorts after every name in `others`, in bytes: PostgreSQL fires triggers of one kind in that order, and ours must see what
 * the users' have made of the row.
 * @throws Problem `trigger-order` where none fits.
 * @see https://www.postgresql.org/docs/current/trigger-definition.html
 */
export function lastName(word: string, others: readonly string[]): string {
  // The tilde is the last printable ASCII character.
  const plain = `~hotstick_${word}`;
  const last = others.reduce((a, b) => (after(b, a) ? b : a), "");
  if (after(plain, last)) return plain;
  if (bytes(last) + bytes(plain) <= limit) return `${last}${plain}`;
  const characters = [...last];
  for (let at = characters.length - 1; at >= 0; at -= 1) {
    const bigger = next(characters[at] ?? "");
    const name = `${characters.slice(0, at).join("")}${bigger ?? ""}_hotstick_${word}`;
    if (bigger !== null && bytes(name) <= limit) return name;
  }
  throw new Problem({
    code: "trigger-order",
    message: `No trigger name sorts after "${last}".`,
    hint: "Rename that trigger for the time of the run.",
    subject: { kind: "trigger", name: last },
  });
}

const rivals = (triggers: readonly Trigger[], event: "insert" | "update"): readonly Trigger[] =>
  triggers.filter((trigger) => trigger.timing === "before" && trigger.forEach === "row" && trigger.events.includes(event));

export const triggerName = (input: SyncInput, event: "insert" | "update"): string =>
  lastName(
    event === "insert" ? "sync_insert" : "sync_update",
    rivals(input.userTriggers, event).map(({ name }) => name),
  );

/** True where a user's BEFORE trigger could change a column that the statement does not name, which UPDATE OF would miss. */
export const mayChangeUnnamed = (input: SyncInput): boolean => rivals(input.userTriggers, "update").some((trigger) => trigger.enabled !== "disabled");

// Names: keys for maps, parsing what people write, and derived names that fit the engine's limit.
import { createHash } from "node:crypto";
import { Problem } from "../problem.ts";
import type { ObjectName } from "./model.ts";

const plain = /^[A-Za-z_\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff]*$/u;
/** Spaces beyond ASCII end a name that is read without quotes. */
const part = (name: string): string => (plain.test(name) && !/\s/.test(name) ? name : `"${name.replaceAll('"', '""')}"`);

/** The text a person would write for a name, and the key of every map in a Schema: `app.users`, `app."order.lines"`. */
export const keyOf = (name: ObjectName): string => `${part(name.schema)}.${part(name.name)}`;

export const sameName = (a: ObjectName, b: ObjectName): boolean => a.schema === b.schema && a.name === b.name;

/**
 * Reads `users`, `app.users` or `app."order.lines"`. Letter case is kept: names here are exactly as stored.
 * @param namespace used where the text names none.
 * @throws Problem `bad-name`.
 */
export function parseName(text: string, namespace: string): ObjectName {
  const pieces: string[] = [];
  const pattern = /\s*(?:"((?:[^"]|"")+)"|([^".\s]+))\s*(\.|$)/gy;
  let end = false;
  while (!end) {
    const match = pattern.exec(text);
    if (!match)
      throw new Problem({
        code: "bad-name",
        message: `"${text}" is not a name.`,
        hint: 'Write table, schema.table, or quote each part: "my schema"."my table".',
      });
    pieces.push(match[1] === undefined ? (match[2] ?? "") : match[1].replaceAll('""', '"'));
    end = match[3] === "";
  }
  const [first = "", second, ...rest] = pieces;
  if (rest.length > 0)
    throw new Problem({ code: "bad-name", message: `"${text}" has more than two parts.`, hint: 'Quote a part that contains a dot: schema."a.b".' });
  return second === undefined ? { schema: namespace, name: first } : { schema: first, name: second };
}

const bytes = (text: string): number => Buffer.byteLength(text, "utf8");

/**
 * A name made from others that fits the limit; where it would not, it is cut at a character and ends in a hash of the whole,
 * so that two long names never meet.
 * @param limit bytes (PostgreSQL 63, MySQL 64 characters; the smaller is safe for both).
 */
export function derivedName(pieces: readonly string[], limit = 63): string {
  const whole = pieces.join("_");
  return bytes(whole) <= limit ? whole : marked(whole, whole, limit);
}

/** As much of a text as fits, and a hash of what it stands for. */
function marked(text: string, meaning: string, limit: number): string {
  const hash = createHash("sha256").update(meaning).digest("hex").slice(0, 8);
  let head = "";
  for (const character of text) {
    if (bytes(head) + bytes(character) + 9 > limit) break;
    head += character;
  }
  return `${head}_${hash}`;
}

/**
 * The name of something of ours that serves what has these names, so that nothing else has it. `_` between names tells nothing where it is a
 * part of them too: `user`, `profile_name` reads as `user_profile`, `name`. There it ends in a hash of the names, each by itself.
 * @param purpose one of our own words; may hold the hole `{{run}}`, with which the name is measured.
 */
export function nameFor(purpose: string, names: readonly string[], limit = 63): string {
  const pieces = [purpose, ...names];
  return names.some((name) => name.includes("_")) ? marked(pieces.join("_"), JSON.stringify(pieces), limit) : derivedName(pieces, limit);
}

/** The namespace in which Hotstick keeps its own state; never part of a user's Schema. */
export const homeNamespace = "hotstick";
/** Columns that only Hotstick uses begin with this. */
export const hiddenPrefix = "hotstick_";

// A SET statement as its assignments. Manuals: "SET Syntax for Variable Assignment", "SET NAMES".
import { said, says, type Words } from "./words.ts";
import { nameOf } from "./written.ts";

export interface Assignment {
  /** Of a variable of the user, `@name`; of the session, its name; `names` for SET NAMES and SET CHARACTER SET. In lower case. */
  readonly target: string;
  readonly scope: "user" | "session" | "global";
  /** The tokens of its value; of `names` all that is said. */
  readonly from: number;
  readonly to: number;
}

const globally: ReadonlySet<string> = new Set(["global", "persist", "persist_only"]);

/** A variable of the user as it is told apart from others: `@x`, @'x' and @`X` are one. */
export function userVariable(written: string): string {
  const name = written.slice(1);
  const quoted = /^(['"`])([\s\S]*)\1$/.exec(name);
  return `@${(quoted?.[2] ?? name).toLowerCase()}`;
}

/** `@@name` with its scope; the session's where none is written. */
export function systemVariable(written: string): { readonly name: string; readonly scope: "session" | "global" } {
  const parts = written.slice(2).toLowerCase().replaceAll("`", "").split(".");
  const [first = ""] = parts;
  if (parts.length > 1 && globally.has(first)) return { name: parts.slice(1).join("."), scope: "global" };
  return { name: (first === "session" || first === "local" ? parts.slice(1) : parts).join("."), scope: "session" };
}

/** Where the assignments of a SET are divided. */
function cuts(words: Words): readonly { readonly from: number; readonly to: number }[] {
  const found: { from: number; to: number }[] = [];
  let depth = 0;
  let from = 1;
  for (let at = 1; at <= words.all.length; at++) {
    const here = said(words, at);
    if (here === "(") depth++;
    if (here === ")") depth--;
    if (at < words.all.length && (here !== "," || depth > 0)) continue;
    found.push({ from, to: at });
    from = at + 1;
  }
  return found;
}

/** The assignments of a SET; null for any other statement, and for a SET that sets something else: a password, a role, what a transaction is. */
export function readSet(words: Words): readonly Assignment[] | null {
  if (said(words, 0) !== "set" || words.all.length < 3) return null;
  let scope: "session" | "global" = "session";
  const found: Assignment[] = [];
  for (const { from, to } of cuts(words)) {
    if (said(words, from) === "names" || says(words, from, "character", "set") || said(words, from) === "charset") {
      if (said(words, from + 1) === "=") return null;
      found.push({ target: "names", scope: "session", from, to });
      continue;
    }
    let at = from;
    const word = said(words, at);
    // The last one holds for all that follow without one.
    if (globally.has(word) || word === "session" || word === "local") {
      scope = globally.has(word) ? "global" : "session";
      at++;
    }
    const token = words.all[at];
    const sign = said(words, at + 1);
    if (!token || (sign !== "=" && sign !== ":=") || at + 2 >= to) return null;
    const written = words.text.slice(token.start, token.end);
    const value = { from: at + 2, to };
    if (token.kind === "variable") found.push({ target: userVariable(written), scope: "user", ...value });
    else if (token.kind === "system-variable") {
      const { name, scope: own } = systemVariable(written);
      found.push({ target: name, scope: own, ...value });
    } else if (token.kind === "word" || token.kind === "quoted") found.push({ target: nameOf(words.text, token).toLowerCase(), scope, ...value });
    else return null;
  }
  return found;
}

/** A SET of variables of the session or the user and of nothing else: it lives as long as the session. */
export const setsSession = (words: Words): boolean => readSet(words)?.every(({ scope }) => scope !== "global") === true;

// Lines that begin with `-- hotstick:` in a SQL migration.
import { Problem } from "../../problem.ts";
import { excerpt } from "../position.ts";

/** The phases of a change, in their order; see docs for what each does. */
export const phaseNames = ["expand", "backfill", "switch", "retire", "drop"] as const;
export type PhaseName = (typeof phaseNames)[number];

export type Directive =
  /** The migrations that this one comes after. */
  | { readonly key: "parents"; readonly names: readonly string[] }
  /** Rules whose findings are accepted. */
  | { readonly key: "accept"; readonly rules: readonly string[] }
  /** The statements below belong to this phase. */
  | { readonly key: "phase"; readonly phase: PhaseName }
  /** The statements below, up to the next `phase`, undo that phase's statements above. */
  | { readonly key: "undo" };

const known: Readonly<Record<Directive["key"], string>> = {
  parents: "parents first_migration, second_migration",
  accept: "accept rule-name",
  phase: `phase ${phaseNames.join("|")}`,
  undo: "undo",
};

const form = /^--\s*hotstick\s*:\s*(\S*)\s*(.*?)\s*$/i;

/** Whether a `--` comment is meant for Hotstick. */
export const isDirective = (comment: string): boolean => form.test(comment);

function bad(text: string, at: number, message: string): Problem {
  return new Problem({
    code: "bad-directive",
    message: `${message}\n${excerpt(text, at)}`,
    hint: `Known are: ${Object.values(known)
      .map((example) => `-- hotstick: ${example}`)
      .join("; ")}.`,
  });
}

/** A Problem `bad-directive` for a directive that stands in the wrong place. */
export const misplaced = (text: string, at: number, key: string, where: string): Problem => bad(text, at, `"-- hotstick: ${key}" ${where}.`);

const list = (value: string): string[] =>
  value
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");

/**
 * Reads the directive in the comment at `start` of a file's text.
 * @throws Problem `bad-directive` for an unknown key or a value that does not fit.
 */
export function parseDirective(text: string, start: number, end: number): Directive {
  const [, key = "", value = ""] = form.exec(text.slice(start, end)) ?? [];
  switch (key) {
    case "parents": {
      const names = list(value);
      if (names.length === 0) throw bad(text, start, '"-- hotstick: parents" names no migration.');
      return { key, names };
    }
    case "accept": {
      const rules = list(value);
      const odd = rules.find((rule) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(rule));
      if (rules.length === 0 || odd !== undefined) throw bad(text, start, odd === undefined ? '"-- hotstick: accept" names no rule.' : `"${odd}" is not the name of a rule.`);
      return { key, rules };
    }
    case "phase": {
      const phase = phaseNames.find((name) => name === value);
      if (phase === undefined) throw bad(text, start, `"${value}" is not a phase; phases are ${phaseNames.join(", ")}.`);
      return { key, phase };
    }
    case "undo":
      if (value !== "") throw bad(text, start, `"-- hotstick: undo" takes no value, but "${value}" follows it.`);
      return { key };
    default:
      throw bad(text, start, key === "" ? "A directive names no key." : `"${key}" is not a directive.`);
  }
}

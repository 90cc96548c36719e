// Lines that begin with `-- hotstick:` in a SQL migration.
import { Problem } from "../problem.ts";
import { excerpt } from "./position.ts";

export type Directive<Phase extends string> =
  /** The migrations that this one comes after. */
  | { readonly key: "parents"; readonly names: readonly string[] }
  /** Rules whose findings are accepted. */
  | { readonly key: "accept"; readonly rules: readonly string[] }
  /** The statements below belong to this phase. */
  | { readonly key: "phase"; readonly phase: Phase }
  /** The statements below, up to the next `phase`, undo that phase's statements above. */
  | { readonly key: "undo" };

const known = (phases: readonly string[]): string =>
  ["parents first_migration, second_migration", "accept rule-name", `phase ${phases.join("|")}`, "undo"].map((example) => `-- hotstick: ${example}`).join("; ");

const form = /^--\s*hotstick\s*:\s*(\S*)\s*(.*?)\s*$/i;

/** Whether a `--` comment is meant for Hotstick. */
export const isDirective = (comment: string): boolean => form.test(comment);

/** A Problem `bad-directive` that shows the line. */
export function badDirective(text: string, at: number, phases: readonly string[], message: string): Problem {
  return new Problem({ code: "bad-directive", message: `${message}\n${excerpt(text, at)}`, hint: `Known are: ${known(phases)}.` });
}

const list = (value: string): string[] =>
  value
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");

/**
 * Reads the directive in the comment from `start` to `end` of a file's text.
 * @throws Problem `bad-directive` for an unknown key or a value that does not fit.
 */
export function parseDirective<Phase extends string>(text: string, start: number, end: number, phases: readonly Phase[]): Directive<Phase> {
  const bad = (message: string): Problem => badDirective(text, start, phases, message);
  const [, key = "", value = ""] = form.exec(text.slice(start, end)) ?? [];
  switch (key) {
    case "parents": {
      const names = list(value);
      if (names.length === 0) throw bad('"-- hotstick: parents" names no migration.');
      return { key, names };
    }
    case "accept": {
      const rules = list(value);
      const odd = rules.find((rule) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(rule));
      if (rules.length === 0 || odd !== undefined)
        throw bad(odd === undefined ? '"-- hotstick: accept" names no rule.' : `"${odd}" is not the name of a rule.`);
      return { key, rules };
    }
    case "phase": {
      const phase = phases.find((name) => name === value);
      if (phase === undefined) throw bad(`"${value}" is not a phase; phases are ${phases.join(", ")}.`);
      return { key, phase };
    }
    case "undo":
      if (value !== "") throw bad(`"-- hotstick: undo" takes no value, but "${value}" follows it.`);
      return { key };
    default:
      throw bad(key === "" ? "A directive names no key." : `"${key}" is not a directive.`);
  }
}

// A statement up to the body that it may have. Manuals: "CREATE PROCEDURE", "CREATE FUNCTION", "CREATE TRIGGER", "CREATE EVENT", and MariaDB's
// "Using Compound Statements Outside of Stored Programs".
import type { Piece } from "./piece.ts";

/** Where a token leads: on in the head, to a body that begins with this token, before it or behind it, or to no body at all. */
export type Head = (piece: Piece, before: Piece) => Head | "here" | "before" | "behind" | "none";

/** Words with which a statement begins that holds others. IF, CASE, LOOP, WHILE, REPEAT and FOR are reserved: unquoted they are nothing else here. */
export const openers: ReadonlySet<string> = new Set("begin if case loop while repeat for".split(" "));

/** What a procedure says of itself between its parameters and its body. */
const traits: ReadonlySet<string> = new Set("comment language not deterministic contains no reads modifies sql data security definer invoker".split(" "));

/** Behind the parentheses that begin at or behind this place. */
function behindParentheses(then: Head): Head {
  let depth = 0;
  const reading: Head = ({ said }) => {
    if (said === "(") depth++;
    return said === ")" && --depth === 0 ? then : reading;
  };
  return reading;
}

const described: Head = ({ said, value }) => {
  if (said === ":") return "behind";
  return traits.has(said) || (said === "" && value) ? described : "here";
};

/** What a function returns is a type of any length, with a character set behind it; the body of one that is no block is its RETURN. */
function returned(): Head {
  let depth = 0;
  const reading: Head = ({ said }) => {
    if (said === "(") depth++;
    if (said === ")") depth--;
    if (depth > 0) return reading;
    if (said === ":") return "behind";
    if (said === "return") return "none";
    return openers.has(said) ? "here" : reading;
  };
  return reading;
}

const otherTrigger: Head = () => () => "here";
const afterRow: Head = ({ said }) => (said === "follows" || said === "precedes" ? otherTrigger : "here");
const trigger: Head = ({ said }, before) => (said === "row" && before.said === "each" ? afterRow : trigger);

/** DO is no reserved word, so an event may be called so. */
const event: Head = ({ said }, before) => (said === "do" && !["event", "exists", "to"].includes(before.said) ? "behind" : event);

const account: Head = () => created;

/** Behind CREATE or ALTER. */
const created: Head = ({ said }) => {
  switch (said) {
    case "or":
    case "replace":
    case "aggregate":
    case "definer":
    // The host of a definer, and CURRENT_USER().
    case "":
    case "(":
    case ")":
      return created;
    case "=":
      return account;
    case "procedure":
      return behindParentheses(described);
    case "function":
      return behindParentheses(returned());
    case "trigger":
      return trigger;
    case "event":
      return event;
    default:
      return "none";
  }
};

/** BEGIN alone begins a transaction. */
const begun: Head = ({ said }) => (said === "not" ? "before" : "none");

/** `SET STATEMENT variable = value FOR statement`; a FOR in parentheses is that of SUBSTRING. */
function forStatement(): Head {
  let depth = 0;
  const reading: Head = ({ said }) => {
    if (said === "(") depth++;
    if (said === ")") depth--;
    return said === "for" && depth === 0 ? head : reading;
  };
  return reading;
}

const set: Head = ({ said }) => (said === "statement" ? forStatement() : "none");

/** The first token of a statement. */
export const head: Head = ({ said }) => {
  switch (said) {
    case "create":
    case "alter":
      return created;
    case "set":
      return set;
    case "begin":
      return begun;
    default:
      return openers.has(said) ? "here" : "none";
  }
};

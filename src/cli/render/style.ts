// Colours and symbols, or plain text where they are not wanted.

type Paint = (text: string) => string;

export interface Style {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
  readonly cyan: Paint;
  /** Symbols that every terminal shows. */
  readonly symbols: Symbols;
}

interface Symbols {
  readonly done: string;
  readonly active: string;
  readonly pending: string;
  readonly empty: string;
  readonly good: string;
  readonly warn: string;
  readonly bad: string;
  readonly arrow: string;
  readonly full: string;
  readonly rest: string;
}

const unicode: Symbols = { done: "●", active: "◐", pending: "○", empty: "·", good: "✓", warn: "!", bad: "✗", arrow: "→", full: "█", rest: "░" };
const ascii: Symbols = { done: "*", active: "o", pending: ".", empty: "-", good: "+", warn: "!", bad: "x", arrow: "->", full: "#", rest: "." };

const paint =
  (open: number, close: number): Paint =>
  (text) =>
    text === "" ? "" : `\u001b[${open}m${text}\u001b[${close}m`;
const plain: Paint = (text) => text;

export function createStyle({ colour, symbols = "unicode" }: { readonly colour: boolean; readonly symbols?: "unicode" | "ascii" }): Style {
  const pick = (open: number, close: number): Paint => (colour ? paint(open, close) : plain);
  return {
    bold: pick(1, 22),
    dim: pick(2, 22),
    red: pick(31, 39),
    green: pick(32, 39),
    yellow: pick(33, 39),
    cyan: pick(36, 39),
    symbols: symbols === "unicode" ? unicode : ascii,
  };
}

export interface Terminal {
  readonly isTTY: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Whether to colour: FORCE_COLOR, then NO_COLOR, then what the stream is. */
export function wantsColour({ isTTY, env }: Terminal): boolean {
  const force = env["FORCE_COLOR"];
  if (force !== undefined && force !== "") return force !== "0" && force !== "false";
  if (env["NO_COLOR"] !== undefined && env["NO_COLOR"] !== "") return false;
  return isTTY && env["TERM"] !== "dumb";
}

/** Whether the stream can be painted over: a build log keeps every frame, and a dumb terminal knows no cursor. */
export const wantsLive = ({ isTTY, env }: Terminal): boolean => isTTY && env["TERM"] !== "dumb" && (env["CI"] ?? "") === "";

/** Where the locale says that it is not UTF-8, symbols would be torn apart. */
export function wantedSymbols(env: Terminal["env"]): "unicode" | "ascii" {
  const locale = env["LC_ALL"] || env["LC_CTYPE"] || env["LANG"] || "";
  return env["TERM"] === "dumb" || (locale !== "" && !/utf-?8/i.test(locale) && locale !== "C.UTF8") ? "ascii" : "unicode";
}

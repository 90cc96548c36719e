// Text in columns and within a width.

const escapeCharacter = "\u001b";
/** A colour, as `createStyle` writes it. */
const colour = new RegExp(`(${escapeCharacter}\\[[0-9;]*m)`, "g");
/** What moves the cursor, colours, rings or turns the direction of writing; but for line ends and tabs. */
const control = /(?![\n\t])(?:\p{Cc}|\p{Bidi_Control})/gu;

/** Text of other people (a query, the name of an application, a server's message), which may not steer the terminal. */
export const clean = (text: string): string => text.replace(control, "\ufffd");

/** The same on one line. */
export const oneLine = (text: string): string => clean(text.replace(/\s+/g, " ").trim());

/** East Asian wide characters and emoji take two cells. */
const wide = /^(?:\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6])$/u;
const combining = /^(?:\p{Mn}|\p{Me}|\p{Cf})$/u;
const cells = (character: string): number => (combining.test(character) ? 0 : wide.test(character) ? 2 : 1);

/** Cells that a text takes on a terminal, colours not counted. */
export const width = (text: string): number => [...text.replace(colour, "")].reduce((sum, character) => sum + cells(character), 0);

export const padded = (text: string, to: number): string => text + " ".repeat(Math.max(0, to - width(text)));

/** Cuts a text to a width, keeping its colours; a cut text ends in `…`. */
export function cut(text: string, to: number): string {
  if (width(text) <= to) return text;
  let [left, result] = [to - 1, ""];
  for (const piece of text.split(colour)) {
    if (piece.startsWith(escapeCharacter)) {
      result += piece;
      continue;
    }
    for (const character of piece) {
      left -= cells(character);
      if (left < 0) break;
      result += character;
    }
  }
  return `${result}…`;
}

/** Rows in columns, two spaces apart; the last column is not padded. */
export function columns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths: number[] = [];
  for (const row of rows) for (const [i, text] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, width(text));
  return rows.map((row) =>
    row
      .map((text, i) => (i === row.length - 1 ? text : padded(text, widths[i]!)))
      .join("  ")
      .trimEnd(),
  );
}

export const indented = (lines: readonly string[], by: number): readonly string[] => lines.map((line) => (line === "" ? "" : `${" ".repeat(by)}${line}`));

/** Breaks a text at spaces; a longer word stays whole. */
export function wrapped(text: string, to: number): readonly string[] {
  return text.split("\n").flatMap((paragraph) => {
    const lines: string[] = [];
    let line = "";
    for (const word of paragraph.split(" ")) {
      if (line !== "" && width(line) + 1 + width(word) > to) {
        lines.push(line);
        line = word;
      } else line = line === "" ? word : `${line} ${word}`;
    }
    return [...lines, line];
  });
}

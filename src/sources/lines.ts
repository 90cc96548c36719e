// What changed between two texts, line by line. Pure.
import { plural } from "../plural.ts";

export interface Line {
  readonly mark: " " | "-" | "+";
  readonly text: string;
}

// Beyond this many comparisons the answer would be slow and too long to read; the whole is then shown as replaced.
const mostComparisons = 4_000_000;

/** Lengths of the longest common subsequences of all tails. */
function tails(a: readonly string[], b: readonly string[]): readonly Uint32Array[] {
  const table = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) table[i]![j] = a[i] === b[j] ? table[i + 1]![j + 1]! + 1 : Math.max(table[i + 1]![j]!, table[i]![j + 1]!);
  }
  return table;
}

function middle(a: readonly string[], b: readonly string[]): readonly Line[] {
  const removed = (text: string): Line => ({ mark: "-", text });
  const added = (text: string): Line => ({ mark: "+", text });
  if (a.length * b.length > mostComparisons) return [...a.map(removed), ...b.map(added)];
  const table = tails(a, b);
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) {
      lines.push({ mark: " ", text: a[i++]! });
      j++;
    } else if (table[i + 1]![j]! >= table[i]![j + 1]!) lines.push(removed(a[i++]!));
    else lines.push(added(b[j++]!));
  }
  return [...lines, ...a.slice(i).map(removed), ...b.slice(j).map(added)];
}

/** All lines of both texts: kept, removed from the first or added by the second. */
export function diffLines(before: string, after: string): readonly Line[] {
  const [a, b] = [before.split("\n"), after.split("\n")];
  const shortest = Math.min(a.length, b.length);
  let head = 0;
  while (head < shortest && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < shortest - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  const kept = (text: string): Line => ({ mark: " ", text });
  return [...a.slice(0, head).map(kept), ...middle(a.slice(head, a.length - tail), b.slice(head, b.length - tail)), ...a.slice(a.length - tail).map(kept)];
}

/** The changed lines with some around them, as text; `…` where lines are left out. */
export function excerptOf(lines: readonly Line[], around = 2, most = 60): string {
  const near = (i: number): boolean => lines.slice(Math.max(0, i - around), i + around + 1).some(({ mark }) => mark !== " ");
  const shown: string[] = [];
  lines.forEach(({ mark, text }, i) => {
    if (near(i)) shown.push(`${mark} ${text}`);
    else if (shown.at(-1) !== "…") shown.push("…");
  });
  if (shown.at(-1) === "…") shown.pop();
  return shown.length > most ? [...shown.slice(0, most), `… and ${plural(shown.length - most, "line")} more`].join("\n") : shown.join("\n");
}

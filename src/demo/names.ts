// Names as they are: what people, forms and old imports have left in a column that was called "name".
import { pick, seeded } from "./random.ts";

const first = [
  ..."Ada Grace Linus Alan Barbara Edsger Margaret Dennis Radia Ken Frances Donald Hedy Tim Katherine Vint Sophie Bjarne".split(" "),
  ..."Zoë Søren Łukasz Ülkü Iñaki Đorđe Ñusta Þóra Œdipe ß".split(" "),
  // Letters with combining marks: one character to a reader, several to a computer.
  ..."Zoe\u0308 An\u0303a Nguye\u0302\u0303n i\u0307pek a\u030a\u0323sa".split(" "),
  // Written from right to left.
  ..."محمد فاطمة שרה דוד آرش".split(" "),
  ..."王小明 さくら 지민 अनिता สมชาย Ελένη Дмитрий თამარ".split(" "),
  // Emoji: outside the basic plane, with skin tones, joined by ZWJ, flags of two letters.
  ..."👩‍👩‍👧‍👦 👨🏽‍💻 🏳️‍🌈 🧑🏿‍🚀 🇺🇳 🐘 ❤️‍🔥".split(" "),
  ..."Jean-Luc O'Brien D'Arcy Mary·Jane al-Khwārizmī".split(" "),
];
const last = [
  ..."Lovelace Hopper Torvalds Turing Liskov Dijkstra Hamilton Ritchie Perlman Thompson Allen Knuth Lamarr Lee Johnson Cerf".split(" "),
  "van der Berg",
  "de la Cruz y Pérez",
  "bin Salman al-Rashid",
  "O'Neil",
  'the "Rock" Johnson',
  "\\backslash\\",
  "100 % Real",
  "$1 {name} :name ?",
  "'; drop table users; --",
  "Müller\u2011Lüdenscheidt",
  "عبد الله",
  "בן־גוריון",
  "\u202eesrever\u202c",
  "No\u00a0Break",
  "Tab\tStop",
  "Zero\u200bWidth",
  "王 小明",
  "👩‍❤️‍💋‍👨 Kiss",
  "III.",
  "null",
  "NULL",
];
const oneWord = ["Prince", "Madonna", "Björk", "王小明", "مادونا", "👻", "🧑‍🤝‍🧑", "X", "null", "O'", '"', "\\", "%", "ﷺ", "İ"];
/** What no form should let in, and every old table has. */
const odd = ["", " ", "  ", "Ada ", " Lovelace", "Ada  Lovelace", " Ada Lovelace ", "Ada   ", "\t", "Ada\nLovelace", "\u00a0"];
const longWord = "Wolfeschlegelsteinhausenbergerdorff";

/** Exactly so many characters, counted as databases do. */
function exactly(characters: number, text: string): string {
  const all = [...text];
  while (all.length < characters) all.push(..."é🐘 x".slice(0));
  return all.slice(0, characters).join("");
}

/** The name that belongs to a number: the same whoever asks, so that nobody has to remember it. */
export function nameOf(number: number): string | null {
  const random = seeded(number * 2_654_435_761 + 1);
  const kind = random() * 100;
  if (kind < 3) return null;
  if (kind < 11) return pick(random, oneWord);
  if (kind < 14) return pick(random, odd);
  if (kind < 17) return exactly(60, `${pick(random, first)} ${longWord} ${pick(random, last)}`);
  if (kind < 30) return `${pick(random, first)} ${pick(random, first)} ${pick(random, last)}`;
  return `${pick(random, first)} ${pick(random, last)}`;
}

/**
 * A name that nobody wrote before: what sets it apart comes first, so that odd ends and blanks stay as they are. A NULL stays NULL.
 * @param mark unique among all writes of the demo.
 */
export function freshName(number: number, mark: string): string | null {
  const name = nameOf(number);
  return name === null ? null : `${mark}·${name}`;
}

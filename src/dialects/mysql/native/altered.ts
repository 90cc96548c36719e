// A user's own statement as an ALTER, whatever words it begins with.
import type { AlterTable } from "../../../syntax/mysql/alter.ts";
import { alterOf } from "../../../syntax/mysql/effects.ts";
import { wordsOf } from "../../../syntax/mysql/words.ts";

/** The table that a statement alters, as written, and what it does to it; null where it alters none. */
export const alteredBy = (text: string, version: number): AlterTable | null => alterOf(wordsOf(text, { version }), text, { version });

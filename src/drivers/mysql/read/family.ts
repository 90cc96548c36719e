// A family of objects: the one query that reads it, and where each row goes.
import type { Row } from "../../driver.ts";
import type { Draft } from "./draft.ts";

/** One flat query of the server's views of itself: it joins nothing, for there a join opens every table again for each row of the other. */
export interface Family {
  /** The query for a server of this version, as in `Schema.version`. */
  query(version: number): string;
  collect(draft: Draft, row: Row): void;
}

/** A family whose rows have a known shape. */
export const family = <R>(query: (version: number) => string, collect: (draft: Draft, row: R) => void): Family => ({
  query,
  collect: (draft, row) => collect(draft, row as unknown as R),
});

/** MySQL returns names of columns in capitals where they are not said; so each is said. */
export const fields = (...names: readonly string[]): string => names.map((name) => `${name} as ${name}`).join(", ");

/** Empty texts stand for nothing here. */
export const textOrNull = (text: string | null): string | null => (text === null || text === "" ? null : text);

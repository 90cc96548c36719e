// The names that the server gives to what has none.

/**
 * Of an index: that of its first column, with a number behind it where it is taken. Null where it cannot be told.
 * @param columns "" for an expression. @param taken null: it is not known.
 */
export function givenIndexName([first]: readonly string[], taken: (name: string) => boolean | null): string | null {
  if (first === undefined || first === "") return null;
  for (let number = 1; ; number++) {
    const name = number === 1 ? first : `${first}_${number}`;
    const found = taken(name);
    if (found === null) return null;
    if (!found) return name;
  }
}

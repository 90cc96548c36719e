// Statements of a stored program as nested lines.

export type Code = readonly (string | Code)[];

export function indent(code: Code, depth = 0): string {
  return code
    .map((line) => (typeof line === "string" ? `${"  ".repeat(depth)}${line}` : indent(line, depth + 1)))
    .filter((line) => line !== "")
    .join("\n");
}

const nothing = "begin end;";
const orNothing = (code: Code): Code => (code.length > 0 ? code : [nothing]);

/** `if … elseif … else … end if`; a branch without a condition is the last. Branches with nothing in them still decide. */
export function branch(...branches: readonly (readonly [condition: string | null, code: Code])[]): Code {
  const lines: (string | Code)[] = [];
  branches.forEach(([condition, code], i) => {
    if (condition === null && code.length === 0) return;
    lines.push(condition === null ? "else" : `${i === 0 ? "if" : "elseif"} ${condition} then`, orNothing(code));
  });
  return [...lines, "end if;"];
}

/**
 * Runs `code`; whatever it raises or warns of ends in `failed`, and the writer hears nothing of it. SQLWARNING is there because a value
 * that does not fit has SQLSTATE 01000 even where it is an error.
 */
export const attempt = (code: Code, failed: Code): Code => [
  "begin",
  ["declare exit handler for sqlexception, sqlwarning begin", orNothing(failed), "end;", ...code],
  "end;",
];

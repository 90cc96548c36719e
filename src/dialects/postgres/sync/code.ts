// PL/pgSQL as nested lines.

export type Code = readonly (string | Code)[];

export function indent(code: Code, depth = 0): string {
  return code
    .map((line) => (typeof line === "string" ? `${"  ".repeat(depth)}${line}` : indent(line, depth + 1)))
    .filter((line) => line !== "")
    .join("\n");
}

/** `if … elsif … else … end if`; a branch without a condition is the last. Branches with nothing in them still decide. */
export function branch(...branches: readonly (readonly [condition: string | null, code: Code])[]): Code {
  const lines: (string | Code)[] = [];
  branches.forEach(([condition, code], i) => {
    lines.push(condition === null ? "else" : `${i === 0 ? "if" : "elsif"} ${condition} then`, code.length > 0 ? code : ["null;"]);
  });
  return [...lines, "end if;"];
}

/** Runs `code`; whatever it raises but a cancelled query ends in `failed`. */
export const attempt = (code: Code, failed: Code): Code => ["begin", code, "exception when others then", failed.length > 0 ? failed : ["null;"], "end;"];

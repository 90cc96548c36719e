// Printing that is never believed before it was read back.
import { Problem } from "../../problem.ts";
import { normal, treeKey } from "./normal.ts";
import type { Node, PostgresSyntax } from "./parser.ts";

/** An expression as the only column of a SELECT, where the grammar allows any expression. */
const selecting = (expression: Node): Node => ({
  SelectStmt: { targetList: [{ ResTarget: { val: expression } }], limitOption: "LIMIT_OPTION_DEFAULT", op: "SETOP_NONE" },
});

/**
 * Writes a statement or an expression. The printer is not the server's own, so its text is parsed by the server's grammar and has to
 * give the same tree.
 * @throws Problem `unprintable-sql` where it does not.
 */
export function printChecked(node: Node, write: (statement: Node) => string, parse: PostgresSyntax["parse"]): string {
  const isStatement = Object.keys(node)[0]?.endsWith("Stmt") === true;
  const statement = normal(isStatement ? node : selecting(node));
  let text = "";
  let cause: unknown;
  try {
    text = write(statement);
    const [read, ...more] = parse(text);
    if (read && more.length === 0 && treeKey(read.node) === treeKey(statement)) return isStatement ? text : text.replace(/^SELECT\s+/, "");
  } catch (error) {
    cause = error;
  }
  throw new Problem({
    code: "unprintable-sql",
    message: `This SQL was understood but cannot be written again without a change of meaning: ${text || JSON.stringify(node)}`,
    hint: "Write it in a simpler form, and please report it: this is a gap of ours.",
    cause,
  });
}

import { expect, test } from "vitest";
import { constantInteger, isNode, numberOf, outputExpression, parseNodeTree, typeOf, walkTree } from "./node-tree.ts";

const constant = (bytes: string): string => `{CONST :consttype 23 :consttypmod -1 :constisnull false :location -1 :constvalue 4 [ ${bytes} ]}`;

test("nodes, lists, nulls and escapes", () => {
  const tree = parseNodeTree('{ALIAS :aliasname odd\\ na\\{me\\\\ :colnames ("a" "b") :nothing <>}');
  if (!isNode(tree)) throw new Error("no node");
  expect(tree.kind).toBe("ALIAS");
  expect(tree.fields.get("aliasname")).toBe("odd na{me\\");
  expect(tree.fields.get("colnames")).toEqual(['"a"', '"b"']);
  expect(tree.fields.get("nothing")).toBeNull();
});

test("the suffix that newer servers add is no part of a kind", () => {
  const kinds: string[] = [];
  walkTree(parseNodeTree("({CASEEXPR :casetype 25 :args ({CASEWHEN :expr {VAR :vartype 16} :result <>})})"), (node) => kinds.push(node.kind));
  expect(kinds).toEqual(["CASE", "CASEWHEN", "VAR"]);
});

test("types are found under the field of their kind", () => {
  expect(typeOf(parseNodeTree("{VAR :varno 1 :vartype 1043}"))).toBe(1043);
  expect(typeOf(parseNodeTree("{COLLATEEXPR :arg {VAR :vartype 25} :collOid 950}"))).toBe(25);
  expect(typeOf(parseNodeTree("{BOOLEXPR :boolop and :args <>}"))).toBe(16);
  expect(typeOf(null)).toBe(0);
});

test.each([
  ["1 0 0 0 0 0 0 0", 1n],
  ["0 0 0 0 0 0 0 0", 0n],
  ["-1 -1 -1 -1 -1 -1 -1 -1", -1n],
  ["44 1 0 0 0 0 0 0", 300n],
])("the bytes %s are %s", (bytes, value) => {
  expect(constantInteger(parseNodeTree(constant(bytes)))).toBe(value);
});

test("a null constant and a text are no integers", () => {
  expect(constantInteger(parseNodeTree("{CONST :consttype 23 :constisnull true :constvalue <>}"))).toBeNull();
  expect(constantInteger(parseNodeTree("{CONST :consttype 25 :constvalue 5 [ 20 0 0 0 120 ]}"))).toBeNull();
});

test("the expression of an output column", () => {
  const action = parseNodeTree(
    "({QUERY :commandType 1 :targetList ({TARGETENTRY :expr {VAR :varattno 7} :resno 1} {TARGETENTRY :expr {VAR :varattno 8} :resno 2})})",
  );
  const expression = outputExpression(action, 1);
  expect(isNode(expression) && numberOf(expression, "varattno")).toBe(8);
  expect(outputExpression(action, 2)).toBeNull();
});

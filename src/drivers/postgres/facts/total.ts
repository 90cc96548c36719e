// Can evaluating an expression raise an error? Only what is written down here cannot.
import type { TreeNode, TreeValue } from "./node-tree.ts";
import { argumentsOf, constantInteger, isList, isNode, numberOf, typeOf } from "./node-tree.ts";
import type { FunctionInfo } from "./volatility.ts";
import { isPlain } from "./volatility.ts";

const comparisons = (types: string, prefix: string): string[] => ["eq", "ne", "lt", "le", "gt", "ge"].map((name) => `${prefix}${name}(${types})`);
const integers = { 2: "smallint", 4: "integer", 8: "bigint" } as const;
const sizes = [2, 4, 8] as const;
const integerComparisons = sizes.flatMap((a) => sizes.flatMap((b) => comparisons(`${integers[a]},${integers[b]}`, a === b ? `int${a}` : `int${a}${b}`)));

/**
 * Functions of pg_catalog, by signature, that give a value for every input. Left out on purpose: arithmetic (overflow), LIKE (a pattern that
 * ends in its escape character), md5 (absent where the server runs in FIPS mode), json operators (\u0000), repeat and padding (size),
 * comparisons of dates with timestamps (range).
 */
const totalFunctions: ReadonlySet<string> = new Set([
  ...comparisons("text,text", "text").map((each) => each.replace(/^text(lt|le|gt|ge)/, "text_$1")),
  ...comparisons("character,character", "bpchar"),
  ...comparisons("boolean,boolean", "bool"),
  ...comparisons("numeric,numeric", "numeric_"),
  ...comparisons("uuid,uuid", "uuid_"),
  ...comparisons("date,date", "date_"),
  ...comparisons("timestamp without time zone,timestamp without time zone", "timestamp_"),
  ...comparisons("timestamp with time zone,timestamp with time zone", "timestamptz_"),
  ...comparisons("time without time zone,time without time zone", "time_"),
  ...comparisons("interval,interval", "interval_"),
  ...comparisons("double precision,double precision", "float8"),
  ...comparisons("real,real", "float4"),
  ...comparisons("bytea,bytea", "bytea"),
  ...comparisons("jsonb,jsonb", "jsonb_"),
  ...comparisons("anyenum,anyenum", "enum_"),
  ...comparisons("name,name", "name"),
  ...comparisons("oid,oid", "oid"),
  ...integerComparisons,
  // text
  "textcat(text,text)",
  "lower(text)",
  "upper(text)",
  "initcap(text)",
  "btrim(text)",
  "btrim(text,text)",
  "ltrim(text)",
  "ltrim(text,text)",
  "rtrim(text)",
  "rtrim(text,text)",
  "length(text)",
  "length(character)",
  "char_length(text)",
  "char_length(character)",
  "character_length(text)",
  "character_length(character)",
  "octet_length(text)",
  "octet_length(bytea)",
  "bit_length(text)",
  "replace(text,text,text)",
  "left(text,integer)",
  "right(text,integer)",
  "reverse(text)",
  "substr(text,integer)",
  "substring(text,integer)",
  "strpos(text,text)",
  "position(text,text)",
  "starts_with(text,text)",
  "translate(text,text,text)",
  "ascii(text)",
  "quote_literal(text)",
  "quote_ident(text)",
  "quote_nullable(text)",
  "to_hex(integer)",
  "to_hex(bigint)",
  "hashtext(text)",
  "string_to_array(text,text)",
  // casts
  "text(character)",
  "text(boolean)",
  "text(name)",
  'text("char")',
  "int4(smallint)",
  "int8(integer)",
  "int8(smallint)",
  "int4(boolean)",
  "bool(integer)",
  "numeric(integer)",
  "numeric(bigint)",
  "numeric(smallint)",
  "float8(integer)",
  "float8(bigint)",
  "float8(smallint)",
  "float8(real)",
  "float4(smallint)",
  "float4(integer)",
  "float4(bigint)",
  "date(timestamp without time zone)",
  // jsonb
  "jsonb_object_field(jsonb,text)",
  "jsonb_object_field_text(jsonb,text)",
  "jsonb_array_element(jsonb,integer)",
  "jsonb_array_element_text(jsonb,integer)",
  "jsonb_extract_path(jsonb,text[])",
  "jsonb_extract_path_text(jsonb,text[])",
  "jsonb_exists(jsonb,text)",
  "jsonb_contains(jsonb,jsonb)",
  "jsonb_typeof(jsonb)",
  // others
  "now()",
  "transaction_timestamp()",
  "statement_timestamp()",
  "clock_timestamp()",
  "gen_random_uuid()",
  'num_nulls("any")',
  "cardinality(anyarray)",
]);

/** Total where an argument, counted from 0, is a constant of this kind. */
const withConstant: Readonly<Record<string, readonly [argument: number, allowed: (value: bigint) => boolean]>> = {
  // Field 0 is refused, and so are negative ones before 14.
  "split_part(text,text,integer)": [2, (field) => field > 0n],
  "substring(text,integer,integer)": [2, (length) => length >= 0n],
  "substr(text,integer,integer)": [2, (length) => length >= 0n],
};

/** They print every argument, and only these types print without fail. */
const printing: ReadonlySet<string> = new Set(['concat("any")', 'concat_ws(text,"any")']);

function callIsTotal(node: TreeNode, functions: ReadonlyMap<number, FunctionInfo>): boolean {
  const signature = functions.get(numberOf(node, "funcid") || numberOf(node, "opfuncid"))?.signature ?? "";
  const args = argumentsOf(node);
  if (printing.has(signature))
    return args.every((each) => isPlain(typeOf(each)) || (isNode(each) && each.kind === "ARRAY" && isPlain(numberOf(each, "element_typeid"))));
  const constant = withConstant[signature];
  if (constant === undefined) return totalFunctions.has(signature);
  const value = constantInteger(args[constant[0]]);
  return value !== null && constant[1](value);
}

const textTypes: ReadonlySet<number> = new Set([25, 1043, 1042]);
/** Nodes that cannot fail where their parts cannot. */
const structure: ReadonlySet<string> = new Set([
  "VAR",
  "CONST",
  "BOOL",
  "RELABELTYPE",
  "COLLATE",
  "CASE",
  "CASEWHEN",
  "WHEN",
  "CASETEST",
  "ARRAY",
  "ROW",
  "COALESCE",
  "NULLTEST",
  "BOOLEANTEST",
  "FIELDSELECT",
  "SQLVALUEFUNCTION",
  "NAMEDARG",
]);
const calls: ReadonlySet<string> = new Set(["FUNC", "OP", "DISTINCT", "NULLIF", "SCALARARRAYOP"]);

function nodeIsTotal(node: TreeNode, functions: ReadonlyMap<number, FunctionInfo>): boolean {
  if (structure.has(node.kind)) return true;
  if (calls.has(node.kind)) return callIsTotal(node, functions);
  if (node.kind === "MINMAX") return isPlain(numberOf(node, "minmaxtype"));
  // Printing a plain value cannot fail; reading one can.
  return node.kind === "COERCEVIAIO" && isPlain(typeOf(node.fields.get("arg"))) && textTypes.has(numberOf(node, "resulttype"));
}

/** True where evaluating the expression gives a value for every row. */
export function isTotal(tree: TreeValue, functions: ReadonlyMap<number, FunctionInfo>): boolean {
  if (isList(tree)) return tree.every((each) => isTotal(each, functions));
  if (!isNode(tree)) return true;
  return nodeIsTotal(tree, functions) && [...tree.fields.values()].every((child) => isTotal(child, functions));
}

/** The same for one function by its signature: a cast that an assignment adds. */
export const isTotalFunction = (signature: string): boolean => totalFunctions.has(signature);

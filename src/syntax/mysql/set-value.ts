// The value that SET gives to a variable, written so that it can be computed again in a session where nothing has been set.
import { systemVariable, userVariable } from "./set.ts";
import { said, type Words } from "./words.ts";

/** What is set; null: to a value that only that one moment knew. */
export type Values = ReadonlyMap<string, string | null>;

/** Functions, and words before a parenthesis, whose value is the same whenever they are called. */
const lasting: ReadonlySet<string> = new Set(
  (
    "concat concat_ws replace lower lcase upper ucase trim ltrim rtrim left right substring substr mid substring_index lpad rpad repeat reverse " +
    "length char_length hex unhex md5 sha1 sha2 if ifnull nullif coalesce greatest least abs floor ceil ceiling round truncate mod pow find_in_set " +
    "regexp_replace cast convert date str_to_date char varchar binary decimal in and or not xor select case when then else values"
  ).split(" "),
);
/** Words whose value is another every time, or which read tables. */
const fleeting: ReadonlySet<string> = new Set(
  "from current_timestamp current_time current_date localtime localtimestamp utc_timestamp utc_time utc_date current_user current_role".split(" "),
);
/** Variables that tell of what the session did last. */
const momentary = /^(identity|last_insert_id|insert_id|timestamp|warning_count|error_count|rand_seed\d|in_transaction|pseudo_thread_id|last_gtid)$/;
/** What SET NAMES sets, beside a sort order. */
const ofNames = /^character_set_(client|connection|results)$/;

/** What stands for a variable of the session that was set. */
function readSession(name: string, values: Values): string | null {
  const value = values.get(name);
  if (value !== undefined) return value?.toLowerCase() === "default" ? `@@global.${name}` : value;
  if (momentary.test(name)) return null;
  const names = values.get("names");
  if (typeof names !== "string" || !(ofNames.test(name) || name === "collation_connection")) return `@@${name}`;
  const [, set] = /^(?:names|charset|character set) '?(\w+)'?$/i.exec(names) ?? [];
  return set === undefined || !ofNames.test(name) ? null : `'${set}'`;
}

function readToken(words: Words, at: number, values: Values): string | null {
  const token = words.all[at];
  if (!token) return null;
  const written = words.text.slice(token.start, token.end);
  if (token.kind === "variable") {
    const value = values.get(userVariable(written));
    return value === undefined ? written : value;
  }
  if (token.kind === "system-variable") {
    const { name, scope } = systemVariable(written);
    return scope === "global" ? written : readSession(name, values);
  }
  const word = said(words, at);
  const called = said(words, at + 1) === "(" && token.kind === "word";
  return token.kind === "placeholder" || fleeting.has(word) || (called && !lasting.has(word)) ? null : written;
}

/**
 * The value of the tokens, by what was set before them; null where it would be another one the next time.
 * @param bare whether a word alone is a string, as a variable of the session takes it.
 */
export function valueText(words: Words, { from, to }: { readonly from: number; readonly to: number }, values: Values, bare: boolean): string | null {
  const first = words.all[from];
  const single = to - from === 1;
  if (bare && single && first?.kind === "word" && said(words, from) !== "default") return `'${words.text.slice(first.start, first.end)}'`;
  let text = "";
  for (let at = from; at < to; at++) {
    const token = words.all[at];
    const read = readToken(words, at, values);
    if (!token || read === null) return null;
    const gap = at > from && token.start > (words.all[at - 1]?.end ?? 0) ? " " : "";
    const replaced = !single && (token.kind === "variable" || token.kind === "system-variable") && !/^[@'\w]+$/.test(read);
    text += gap + (replaced ? `(${read})` : read);
  }
  return text;
}

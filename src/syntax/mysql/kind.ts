// What a statement is called, and whether it ends the transaction it stands in. Manual: "Statements That Cause an Implicit Commit".
import { said, says, type Words } from "./words.ts";

/** Words between CREATE, ALTER or DROP and what is made. */
const between: ReadonlySet<string> = new Set(
  "or replace temporary online offline ignore unique fulltext spatial aggregate sql security definer invoker undefined merge temptable".split(" "),
);
const made: ReadonlySet<string> = new Set(
  "table tables index view trigger procedure function event database schema sequence user role server tablespace logfile package spatial resource".split(" "),
);

/** The index of the word that names the kind of object, behind CREATE, ALTER or DROP; -1 where none of those is found. */
export function objectAt(words: Words): number {
  let definer = false;
  for (let at = 1; at < Math.min(words.all.length, 24); at++) {
    const here = said(words, at);
    if (made.has(here) && !(here === "spatial" && says(words, at + 1, "index"))) return at;
    // DEFINER = account, ALGORITHM = word: what they hold is no object.
    definer ||= here === "definer" || here === "algorithm";
    if (!definer && !between.has(here)) return -1;
  }
  return -1;
}

/** The kind of object that CREATE, ALTER or DROP is about; null where none of those is found. DROP TABLES is DROP TABLE. */
export function objectKind(words: Words): string | null {
  const at = objectAt(words);
  if (at < 0) return null;
  return said(words, at) === "tables" ? "table" : said(words, at);
}

/** As its manual page is called, in lower case: `create index`, `alter table`, `insert`. */
export function statementKind(words: Words): string {
  const first = said(words, 0);
  switch (first) {
    case "create":
    case "alter":
    case "drop": {
      const kind = objectKind(words);
      return kind === null ? first : `${first} ${kind}`;
    }
    case "start":
      return says(words, 1, "transaction") ? "start transaction" : "start replica";
    case "release":
      return "release savepoint";
    case "lock":
    case "unlock":
    case "rename":
    case "truncate":
    case "optimize":
    case "analyze":
    case "check":
    case "repair":
    case "checksum":
      return `${first} ${said(words, 1) === "user" ? "user" : "table"}`;
    case "load":
      return `load ${said(words, 1)}`;
    case "set":
      if (says(words, 1, "default", "role")) return "set default role";
      if (says(words, 1, "password") || says(words, 1, "role")) return `set ${said(words, 1)}`;
      return says(words, 1, "transaction") || says(words, 2, "transaction") ? "set transaction" : "set";
    case "with":
      return "select";
    case "(":
      return "select";
    case "desc":
    case "describe":
      return "explain";
    case "":
      return "statement";
    default:
      return first;
  }
}

/** First words of statements that stay in the transaction they are run in. */
const staying: ReadonlySet<string> = new Set(
  "select insert update delete replace with ( set do show explain desc describe values table handler prepare deallocate signal resignal help use get checksum".split(
    " ",
  ),
);

/** Whether a transaction may hold it: all else ends the open one. CALL, EXECUTE and blocks may hold anything. */
export function isTransactional(words: Words): boolean {
  const first = said(words, 0);
  if ((first === "create" || first === "drop") && says(words, 1, "temporary")) return true;
  if (first === "create" && says(words, 1, "or", "replace", "temporary")) return true;
  // SET PASSWORD and SET DEFAULT ROLE write to tables of the server, and commit.
  if (/^set (password|default role)$/.test(statementKind(words))) return false;
  return staying.has(first) || controlsTransaction(words);
}

/** Variables that change what a transaction is. */
const ofTransactions: ReadonlySet<string> = new Set(["autocommit", "transaction", "completion_type", "tx_isolation", "transaction_isolation", "sql_log_bin"]);

function setsTransactions(words: Words): boolean {
  return words.all.some((token, i) => {
    if (token.kind === "system-variable")
      return ofTransactions.has(
        words.text
          .slice(token.start, token.end)
          .toLowerCase()
          .replace(/^@@(?:\w+\.)?/, ""),
      );
    return i > 0 && ofTransactions.has(said(words, i)) && said(words, i - 1) !== ".";
  });
}

/** It begins, ends or divides a transaction, or takes or gives up locks of the session. */
export function controlsTransaction(words: Words): boolean {
  switch (said(words, 0)) {
    case "begin":
      return !says(words, 1, "not");
    case "start":
      return says(words, 1, "transaction");
    case "commit":
    case "rollback":
    case "savepoint":
    case "release":
    case "xa":
    case "lock":
    case "unlock":
      return true;
    case "set":
      return setsTransactions(words);
    default:
      return false;
  }
}

// The functions that may stand in an expression of a sync trigger, and why others may not. What is not listed is a stored function or one that
// nobody has looked at. Each row was called on MariaDB 10.11 and MySQL 9.7 with extreme values under strict mode; manuals: "Built-in Functions".
import type { ValueKind } from "./kinds.ts";

/** What an argument has to be so that nothing is converted that can raise. */
export type Taken =
  /** Anything, for it is used as a text, or only looked at. */
  | "any"
  /** Text or bytes. */
  | "text"
  | "number"
  /** A number of which only 64 bits are taken: more of them are an error. */
  | "integer"
  /** A date, with or without a time of day. */
  | "moment"
  | "time"
  /** Used as a condition: NULL or a number. */
  | "condition"
  /** Whatever the others are: they are compared or joined with it. */
  | "same";

export interface KnownFunction {
  /** The last one holds for all arguments that follow. */
  readonly takes: readonly Taken[];
  /**
   * `same`: the kind that its `same` arguments have in common; `first`: that of the first argument; `moved`: that of the temporal one, a date with a time of day then; `added`: the same of the first argument, else TIME; `rounded`: a number, or what its first argument is in time;
   * `format`: what the format says; `joined`: text,
   * or bytes where an argument is bytes.
   */
  readonly gives: ValueKind | "same" | "first" | "moved" | "added" | "rounded" | "format" | "joined";
  /** It cannot raise for arguments that are what it takes, in strict mode, where a warning is an error too. */
  readonly total: boolean;
  /** A session variable that can change its value and is taken to be at its default. */
  readonly assumes?: string;
  /** Versions as `Schema.version`; `mysql`: MySQL only. */
  readonly only?: "mysql" | "mariadb";
  /** Kinds of an argument for which MySQL may raise all the same. */
  readonly raisesOnMysql?: readonly ValueKind[];
  /** MySQL has it in versions below this one, as `Schema.version`. */
  readonly until?: number;
}

export interface RefusedFunction {
  /** Completes "calls f(), …". */
  readonly refused: string;
  /** What to write instead. */
  readonly instead: string;
}

type Row = KnownFunction & { readonly names: string };

const rows: readonly Row[] = [
  { names: "to_base64", takes: ["any"], gives: "text", total: true },
  { names: "hex", takes: ["any"], gives: "text", total: true, raisesOnMysql: ["decimal", "double"] },
  // Measured: MySQL 9.7 has none of them; sha2() it has.
  { names: "md5 sha sha1", takes: ["any"], gives: "text", total: true, until: 90000 },
  { names: "concat concat_ws soundex", takes: ["any"], gives: "joined", total: true },
  { names: "quote", takes: ["any"], gives: "joined", total: true, raisesOnMysql: ["binary"] },
  { names: "lower lcase upper ucase trim ltrim rtrim reverse replace", takes: ["any"], gives: "joined", total: true },
  {
    names: "length char_length character_length octet_length bit_length ascii ord instr position strcmp isnull",
    takes: ["any"],
    gives: "integer",
    total: true,
  },
  { names: "locate", takes: ["any", "any", "integer"], gives: "integer", total: true },
  { names: "left right", takes: ["any", "integer"], gives: "joined", total: true },
  { names: "substring substr mid", takes: ["any", "integer", "integer"], gives: "joined", total: true },
  { names: "substring_index", takes: ["any", "any", "integer"], gives: "joined", total: true },
  { names: "insert", takes: ["any", "integer", "integer", "any"], gives: "joined", total: true },
  { names: "find_in_set", takes: ["any"], gives: "integer", total: true },
  { names: "field", takes: ["same"], gives: "integer", total: true },
  { names: "elt make_set", takes: ["integer", "any"], gives: "joined", total: true },
  { names: "bin oct", takes: ["integer"], gives: "text", total: true },
  // With USING it raises for bytes that are no character.
  { names: "char", takes: ["integer"], gives: "binary", total: false },
  // Longer than max_allowed_packet they give NULL with a warning.
  { names: "repeat", takes: ["any", "integer"], gives: "joined", total: false },
  { names: "lpad rpad", takes: ["any", "integer", "any"], gives: "joined", total: false },
  { names: "space", takes: ["integer"], gives: "text", total: false },
  { names: "export_set", takes: ["integer", "any", "any", "any", "integer"], gives: "joined", total: false },
  { names: "conv", takes: ["any", "integer", "integer"], gives: "text", total: false },
  { names: "sha2", takes: ["any", "integer"], gives: "text", total: false },
  { names: "from_base64 unhex compress uncompress", takes: ["any"], gives: "binary", total: false },
  { names: "uncompressed_length inet_aton", takes: ["any"], gives: "integer", total: false },
  { names: "inet6_aton", takes: ["any"], gives: "binary", total: false },
  { names: "inet_ntoa", takes: ["integer"], gives: "text", total: false },
  { names: "inet6_ntoa", takes: ["text"], gives: "text", total: false },
  { names: "is_ipv4 is_ipv6", takes: ["text"], gives: "integer", total: true },
  { names: "is_ipv4_compat is_ipv4_mapped", takes: ["text"], gives: "integer", total: false },
  // In three arguments FORMAT names its locale; in two it would be the session's.
  { names: "format", takes: ["number", "integer", "text"], gives: "text", total: true },

  { names: "coalesce ifnull", takes: ["same"], gives: "same", total: true },
  { names: "nullif", takes: ["same"], gives: "first", total: true },
  { names: "if", takes: ["condition", "same"], gives: "same", total: true },
  { names: "greatest least", takes: ["same"], gives: "same", total: true },
  { names: "nvl", takes: ["same"], gives: "same", total: true, only: "mariadb" },
  { names: "nvl2", takes: ["any", "same"], gives: "same", total: true, only: "mariadb" },

  { names: "sign", takes: ["number"], gives: "integer", total: true },
  { names: "ceil ceiling floor", takes: ["number"], gives: "rounded", total: true },
  { names: "round truncate", takes: ["number", "integer"], gives: "rounded", total: true, raisesOnMysql: ["integer"] },
  { names: "sqrt sin cos tan asin acos atan atan2 radians", takes: ["number"], gives: "double", total: true },
  { names: "pi", takes: [], gives: "double", total: true },
  { names: "bit_count", takes: ["integer"], gives: "integer", total: false },
  { names: "abs mod", takes: ["number"], gives: "decimal", total: false },
  { names: "interval", takes: ["number"], gives: "integer", total: false },
  { names: "exp ln log log2 log10 pow power cot degrees", takes: ["number"], gives: "double", total: false },

  { names: "year month day dayofmonth dayofweek weekday dayofyear quarter weekofyear to_days to_seconds", takes: ["moment"], gives: "integer", total: true },
  { names: "week yearweek", takes: ["moment", "integer"], gives: "integer", total: true },
  { names: "hour minute second microsecond time_to_sec", takes: ["time"], gives: "integer", total: true },
  { names: "extract", takes: ["moment"], gives: "integer", total: true },
  { names: "datediff timestampdiff", takes: ["moment"], gives: "integer", total: true },
  { names: "date", takes: ["moment"], gives: "date", total: true },
  { names: "last_day", takes: ["moment"], gives: "date", total: true, raisesOnMysql: ["date", "datetime"] },
  { names: "timestamp", takes: ["moment", "time"], gives: "datetime", total: false },
  { names: "time", takes: ["time"], gives: "time", total: true },
  { names: "date_format", takes: ["moment", "any"], gives: "text", total: true },
  { names: "time_format", takes: ["time", "any"], gives: "text", total: true },
  { names: "convert_tz", takes: ["moment", "any", "any"], gives: "datetime", total: true },
  { names: "unix_timestamp", takes: ["any"], gives: "decimal", total: true },
  { names: "date_add adddate date_sub subdate timestampadd", takes: ["any"], gives: "moved", total: false },
  { names: "addtime subtime", takes: ["any"], gives: "added", total: false },
  { names: "timediff", takes: ["any"], gives: "time", total: false },
  { names: "makedate from_days", takes: ["integer"], gives: "date", total: false },
  { names: "maketime sec_to_time", takes: ["integer"], gives: "time", total: false },
  { names: "str_to_date", takes: ["any", "any"], gives: "format", total: false },
  { names: "get_format", takes: ["any"], gives: "text", total: true },
  { names: "period_add period_diff", takes: ["integer"], gives: "integer", total: false },
  { names: "add_months", takes: ["any"], gives: "moved", total: false, only: "mariadb" },

  { names: "regexp_replace regexp_substr", takes: ["any"], gives: "joined", total: false, assumes: "default_regex_flags" },
  { names: "regexp_instr", takes: ["any"], gives: "integer", total: false, assumes: "default_regex_flags" },
  { names: "regexp_like", takes: ["any"], gives: "integer", total: false, only: "mysql" },

  { names: "json_valid", takes: ["any"], gives: "integer", total: true },
  {
    names: "json_extract json_unquote json_value json_object json_array json_set json_insert json_replace json_remove",
    takes: ["any"],
    gives: "text",
    total: false,
  },
  {
    names: "json_merge_patch json_merge_preserve json_array_append json_array_insert json_keys json_search json_quote",
    takes: ["any"],
    gives: "text",
    total: false,
  },
  { names: "json_type json_pretty", takes: ["any"], gives: "text", total: false },
  { names: "json_length json_depth json_contains json_contains_path json_overlaps", takes: ["any"], gives: "integer", total: false },
  { names: "json_query json_compact json_detailed json_loose json_normalize", takes: ["any"], gives: "text", total: false, only: "mariadb" },
  { names: "json_exists json_equals", takes: ["any"], gives: "integer", total: false, only: "mariadb" },
  { names: "json_storage_size json_schema_valid", takes: ["any"], gives: "integer", total: false, only: "mysql" },
  { names: "extractvalue updatexml", takes: ["any"], gives: "text", total: false },

  // In two arguments the first is a number to go on from.
  { names: "crc32", takes: ["any"], gives: "integer", total: false },
  { names: "crc32c", takes: ["any"], gives: "integer", total: false, only: "mariadb" },
  { names: "natural_sort_key chr", takes: ["any"], gives: "text", total: false, only: "mariadb" },
  { names: "bin_to_uuid", takes: ["any"], gives: "text", total: false, only: "mysql" },
  { names: "uuid_to_bin", takes: ["any"], gives: "binary", total: false, only: "mysql" },
  { names: "is_uuid", takes: ["any"], gives: "integer", total: true, only: "mysql" },

  { names: "st_x st_y st_srid", takes: ["any"], gives: "double", total: false },
  { names: "st_astext st_aswkt", takes: ["any"], gives: "text", total: false },
  { names: "st_asbinary st_aswkb st_geomfromtext st_pointfromtext point", takes: ["any"], gives: "unknown", total: false },
];

/** By name, in lower case. */
export const knownFunctions: ReadonlyMap<string, KnownFunction> = new Map(
  rows.flatMap(({ names, ...known }) => names.split(" ").map((name): [string, KnownFunction] => [name, known])),
);

const refusals: readonly (RefusedFunction & { readonly names: string })[] = [
  {
    names: "now sysdate curdate curtime current_date current_time current_timestamp localtime localtimestamp utc_date utc_time utc_timestamp",
    refused: "whose value is the moment of the call",
    instead: "Give the column a default of CURRENT_TIMESTAMP, and let the expression use columns only.",
  },
  {
    names: "rand uuid uuid_short uuidv4 uuidv7 random_bytes sys_guid",
    refused: "which gives another value at each call",
    instead: "Derive the value from the row's key, or let the application write it.",
  },
  {
    names: "from_unixtime",
    refused: "which answers in the writer's time_zone",
    instead: "For UTC write timestampadd(second, column, timestamp'1970-01-01 00:00:00').",
  },
  {
    names: "dayname monthname to_char",
    refused: "which answers in the writer's lc_time_names",
    instead: "Write elt(weekday(column) + 1, 'Monday', …) or elt(month(column), 'January', …).",
  },
  {
    names: "user current_user session_user system_user current_role database schema connection_id version",
    refused: "which tells of the session, not of the row",
    instead: "Write the value itself.",
  },
  {
    names: "last_insert_id row_count found_rows nextval lastval setval get_lock release_lock release_all_locks is_free_lock is_used_lock name_const",
    refused: "which reads or changes what the session or the server keeps",
    instead: "Let the expression use columns only.",
  },
  {
    names: "sleep benchmark load_file master_pos_wait master_gtid_wait source_pos_wait wait_for_executed_gtid_set",
    refused: "which waits or reads files",
    instead: "Let the expression use columns only.",
  },
  {
    names: "aes_encrypt aes_decrypt des_encrypt des_decrypt encrypt encode decode password old_password kdf",
    refused: "whose value depends on settings of the session or on the server's keys",
    instead: "Encrypt in the application, or in a run operation of the migration.",
  },
  {
    names: "values value json_table json_arrayagg json_objectagg match any_value",
    refused: "which has no value on a row alone",
    instead: "Write one expression over the columns of one row.",
  },
  {
    names: "json_merge",
    refused: "which the servers have deprecated and read differently",
    instead: "Write json_merge_preserve or json_merge_patch.",
  },
];

export const refusedFunctions: ReadonlyMap<string, RefusedFunction> = new Map(
  refusals.flatMap(({ names, ...refusal }) => names.split(" ").map((name): [string, RefusedFunction] => [name, refusal])),
);

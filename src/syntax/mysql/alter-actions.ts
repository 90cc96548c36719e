// What ALTER TABLE does natively, as data: for each action the strictest ALGORITHM and LOCK that the server accepts, and what it costs. The
// MariaDB column was tried on 10.11 with every combination, MySQL's on 9.7; what is milder there than the manual ("Online DDL Operations")
// says holds from 9.7 on only.
import { mariadb } from "./versioned.ts";

/** Strictest first. */
export const algorithms = ["INSTANT", "NOCOPY", "INPLACE", "COPY"] as const;
export type Algorithm = (typeof algorithms)[number];
/** Strictest first; DEFAULT where the server accepts no other word. */
export type Lock = "NONE" | "SHARED" | "EXCLUSIVE" | "DEFAULT";

/** What an action makes the server do. */
export interface Form {
  /** Null where the statement accepts no ALGORITHM clause. */
  readonly algorithm: Algorithm | null;
  /** Null where it accepts no LOCK clause. */
  readonly lock: Lock | null;
  /** The table is written anew. */
  readonly rebuilds: boolean;
  readonly work: "instant" | "scan" | "build" | "rewrite" | "unknown";
  /** The server accepts a stricter ALGORITHM and does the same work: the clause is no guard. */
  readonly deceives?: true;
  /** Only the catalog tells; the form is that of the worst case. */
  readonly worst?: true;
}

const form = (algorithm: Algorithm | null, lock: Lock | null, work: Form["work"], more: { deceives?: true; worst?: true } = {}): Form => ({
  algorithm,
  lock,
  rebuilds: work === "rewrite",
  work,
  ...more,
});

const instant = form("INSTANT", "NONE", "instant");
const build = form("NOCOPY", "NONE", "build");
const rebuild = form("INPLACE", "NONE", "rewrite");
const copy = form("COPY", "SHARED", "rewrite");
/** Its own way through the server: no clause is accepted behind it. */
const partitions = form(null, null, "instant");

/** MySQL takes no LOCK but DEFAULT with INSTANT. */
const instantMysql = form("INSTANT", "DEFAULT", "instant");
const metadata = form("INPLACE", "NONE", "instant");
const buildMysql = form("INPLACE", "NONE", "build");

/** `since`: the first MySQL, as `Schema.version`, that has `mysql`; below it `before`. */
interface Row {
  readonly mariadb: Form | null;
  readonly mysql: Form | null;
  readonly since?: number;
  readonly before?: Form;
}

const row = (onMariadb: Form | null, onMysql: Form | null): Row => ({ mariadb: onMariadb, mysql: onMysql });

/** Below, instant columns could be written to the log in a form that could not be read again (bugs 107613, 107611). */
const safelyInstant = 80_032;
const instantRename = 80_028;
/** The MySQL on which every form was tried. */
const tried = 90_700;

const actions = {
  "add column": row(instant, instantMysql),
  "add column at place": { mariadb: instant, mysql: instantMysql, since: safelyInstant, before: rebuild },
  "add column with computed default": row(copy, copy),
  "add auto_increment column": row(form("INPLACE", "SHARED", "rewrite"), form("INPLACE", "SHARED", "rewrite")),
  "add keyed column": row(rebuild, rebuild),
  /** Existing rows are not checked on MariaDB. */
  "add checked column": row(instant, copy),
  /** On MariaDB it can share an ALTER with nothing else. */
  "add virtual column": row(instant, instantMysql),
  "add stored column": row(copy, copy),
  "add referencing column": row(copy, copy),
  /** Any of those below. */
  "drop column": row({ ...rebuild, worst: true }, { ...rebuild, worst: true }),
  /** With its index, for which MySQL makes the table anew. */
  "drop indexed column": row(build, rebuild),
  "drop unindexed column": { mariadb: instant, mysql: instantMysql, since: safelyInstant, before: rebuild },
  /** With an index over it and others, which stays and is made anew. */
  "drop column out of index": row(rebuild, rebuild),
  /** MariaDB copies where a virtual column stands behind it. */
  "drop column of unique index": row({ ...build, worst: true }, null),
  /** MySQL has it as any other. */
  "drop virtual column": row(instant, null),
  "drop indexed virtual column": row(build, null),
  "rename column": { mariadb: instant, mysql: instantMysql, since: instantRename, before: metadata },
  "change default": row(instant, instantMysql),
  "change column visibility": row(instant, instantMysql),
  /** MODIFY and CHANGE, which may be any of those below. */
  "modify column": row({ ...copy, worst: true }, { ...copy, worst: true }),
  "change column type": row(copy, copy),
  "extend varchar": row(instant, metadata),
  /** From at most 255 bytes, but more than 127, to more than 255. */
  "extend varchar over 255 bytes": row(copy, copy),
  "set not null": row(rebuild, rebuild),
  "drop not null": row(rebuild, rebuild),
  "reorder column": row(instant, rebuild),
  "comment column": row(instant, instantMysql),
  "append enum member": row(instant, instantMysql),
  "change enum members": row(copy, copy),
  "change collation": { mariadb: instant, mysql: metadata, since: tried, before: copy },
  "change collation of indexed column": row(build, copy),
  "change virtual expression": row(instant, copy),
  /** Attached by MODIFY; rows that are there are not checked. */
  "check by modify": row(instant, null),

  "add index": row(build, buildMysql),
  /** Over a virtual column of the same ALTER. */
  "add index over new virtual column": row(form("NOCOPY", "SHARED", "build"), form("INPLACE", "SHARED", "build")),
  "add unique": row(build, buildMysql),
  "add fulltext": row(form("INPLACE", "SHARED", "rewrite", { worst: true }), form("INPLACE", "SHARED", "rewrite", { worst: true })),
  "add spatial": row(form("NOCOPY", "SHARED", "build"), form("INPLACE", "SHARED", "build")),
  "drop index": row(form("NOCOPY", "NONE", "instant"), metadata),
  "rename index": row(instant, metadata),
  "change index visibility": row(instant, metadata),
  "add primary key": row(rebuild, rebuild),
  "drop primary key": row(copy, copy),
  /** DROP PRIMARY KEY and ADD PRIMARY KEY in one statement. */
  "replace primary key": row(rebuild, rebuild),

  /** With foreign_key_checks = 1. */
  "add foreign key": row(copy, copy),
  /** With foreign_key_checks = 0: existing rows are not looked at; an index for it may be built. */
  "add foreign key unchecked": row({ ...build, worst: true }, { ...buildMysql, worst: true }),
  "drop foreign key": row(instant, metadata),
  "add check": row(copy, copy),
  "drop check": { mariadb: instant, mysql: instantMysql, since: tried, before: metadata },
  /** DROP CONSTRAINT, which may name a key. */
  "drop constraint": row({ ...rebuild, worst: true }, { ...copy, worst: true }),
  "alter constraint": row(null, { ...copy, worst: true }),

  "convert character set": row({ ...copy, worst: true }, copy),
  "default character set": { mariadb: instant, mysql: metadata, since: tried, before: { ...rebuild, worst: true } },
  "auto_increment value": row(instant, metadata),
  "table comment": row(instant, metadata),
  statistics: row(instant, metadata),
  "row format": row(rebuild, rebuild),
  force: row(rebuild, rebuild),
  /** ENGINE = InnoDB on an InnoDB table is FORCE; another engine is a copy, for which MariaDB accepts even INSTANT. */
  engine: row({ ...copy, deceives: true, worst: true }, { ...copy, worst: true }),
  "table option": row({ ...copy, worst: true }, { ...copy, worst: true }),
  "rename table": row(form("INSTANT", "EXCLUSIVE", "instant"), instantMysql),
  /** MariaDB accepts INSTANT and writes the table anew. */
  "order by": row({ ...copy, deceives: true }, copy),
  keys: row(form("INSTANT", "EXCLUSIVE", "instant"), form("COPY", "SHARED", "instant", { worst: true })),
  tablespace: row(form(null, null, "unknown", { worst: true }), form(null, null, "unknown", { worst: true })),

  "add versioning": row(copy, null),
  "drop versioning": row(form("INPLACE", "SHARED", "rewrite"), null),
  period: row({ ...copy, worst: true }, null),
  /** Of RANGE and LIST; of HASH and KEY the rows move. */
  "change partitions": row({ ...partitions, worst: true }, { ...partitions, worst: true }),
  "rebuild partitions": row(form(null, null, "rewrite"), form(null, null, "rewrite")),
  "exchange partition": row(form(null, null, "scan"), form(null, null, "scan")),
  "check partitions": row(form(null, null, "scan"), form(null, null, "scan")),
  /** MariaDB accepts INSTANT here too. Their clauses stand before them, without a comma behind. */
  "partition table": row({ ...copy, deceives: true }, copy),
  "remove partitioning": row({ ...copy, deceives: true }, copy),
  /** Words that this parser does not know. */
  unknown: row(form(null, null, "unknown", { worst: true }), form(null, null, "unknown", { worst: true })),
} satisfies Readonly<Record<string, Row>>;

export type AlterKind = keyof typeof actions;

export const alterKinds = Object.keys(actions) as readonly AlterKind[];

/** What an action does on a server; null where that server does not have it. @param version as `Schema.version`. */
export function formOf(kind: AlterKind, version: number): Form | null {
  const found: Row = actions[kind];
  if (version >= mariadb) return found.mariadb;
  return found.since !== undefined && version < found.since ? (found.before ?? null) : found.mysql;
}

const works = ["instant", "scan", "build", "unknown", "rewrite"] as const;
const locks: readonly (Lock | null)[] = ["NONE", "DEFAULT", "SHARED", "EXCLUSIVE", null];

const later = <T>(order: readonly T[], a: T, b: T): T => (order.indexOf(a) >= order.indexOf(b) ? a : b);

/** What several actions of one ALTER do together: the server takes one way for all of them. */
export function together(forms: readonly Form[]): Form {
  const [first = instant, ...rest] = forms;
  return rest.reduce((a, b): Form => {
    const none = a.algorithm === null || b.algorithm === null;
    const algorithm = none ? null : later<Algorithm>(algorithms, a.algorithm ?? "COPY", b.algorithm ?? "COPY");
    const lock = none ? null : later(locks, a.lock, b.lock);
    return {
      algorithm,
      // Only beside INSTANT no other word is accepted; what is instant alone lets others work.
      lock: lock === "DEFAULT" && algorithm !== "INSTANT" ? "NONE" : lock,
      rebuilds: a.rebuilds || b.rebuilds,
      work: later(works, a.work, b.work),
      ...(a.deceives || b.deceives ? { deceives: true } : {}),
      ...(a.worst || b.worst ? { worst: true } : {}),
    };
  }, first);
}

/** The end of an ALTER that asks for this form and nothing weaker: `, ALGORITHM = INSTANT, LOCK = NONE`; "" where no clause is accepted. */
export const clauseOf = ({ algorithm, lock }: Form): string =>
  algorithm === null ? "" : `, ALGORITHM = ${algorithm}${lock === null || lock === "DEFAULT" ? "" : `, LOCK = ${lock}`}`;

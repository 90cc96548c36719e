// What exists, as read from a real server: plain readonly data, JSON-serialisable.

/** A name within a namespace. `schema` is the namespace (on MySQL the database). Names are unquoted, exactly as stored. */
export interface ObjectName {
  readonly schema: string;
  readonly name: string;
}

/** One privilege of one grantee; `grantee` "" means PUBLIC. */
export interface Grant {
  readonly grantee: string;
  readonly grantor: string;
  readonly privilege: string;
  readonly grantable: boolean;
}

export interface Identity {
  readonly mode: "always" | "by default";
  /** The sequence behind it; its options are in `Schema.sequences`. Where a table counts by itself: the table. */
  readonly sequence: ObjectName;
}

export interface Column {
  readonly name: string;
  /** Position among the live columns, from 1. Left out of the canonical form: order is a fact of its own. */
  readonly position: number;
  /** The type as the server prints it with every non-system schema spelt out, e.g. `numeric(10,2)`, `app.mood[]`. */
  readonly type: string;
  readonly notNull: boolean;
  /** The default as the server prints it with schema-qualified names, or null. */
  readonly default: string | null;
  readonly generated: { readonly kind: "stored" | "virtual"; readonly expression: string } | null;
  readonly identity: Identity | null;
  /** Set only where it differs from the type's own collation. */
  readonly collation: string | null;
  /** Engine attributes that differ from the type's defaults: storage, compression, statistics target, options. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly comment: string | null;
  readonly grants: readonly Grant[];
  /** True where the column also exists because a parent table has it. */
  readonly inherited: boolean;
  /** False only for columns that exist solely through inheritance. */
  readonly local: boolean;
  /** True where values may be stored out of line (TOAST). */
  readonly toastable: boolean;
}

export type ConstraintKind = "primary-key" | "unique" | "foreign-key" | "check" | "exclude" | "not-null" | "trigger";

export interface Constraint {
  readonly name: string;
  readonly kind: ConstraintKind;
  /** Columns of this table that it names, keys in key order; for a check: every column it mentions. */
  readonly columns: readonly string[];
  /** The server's own text, without the name and without NOT VALID, e.g. `FOREIGN KEY (a) REFERENCES app.b(id) ON DELETE CASCADE`. */
  readonly definition: string;
  readonly validated: boolean;
  readonly enforced: boolean;
  readonly deferrable: boolean;
  /** The index that carries it, for primary-key, unique and exclude; for a foreign key where it cannot do without one. */
  readonly index: string | null;
  readonly references: {
    readonly table: ObjectName;
    readonly columns: readonly string[];
    readonly onDelete: string;
    readonly onUpdate: string;
  } | null;
  /** True where the constraint comes from a parent table. */
  readonly inherited: boolean;
  readonly local: boolean;
  readonly comment: string | null;
  /** Present where it is a part of its column's definition: it has the column's name and comes and goes with it. */
  readonly form?: "column";
}

export interface Index {
  readonly name: string;
  /** The server's own CREATE INDEX text, schema-qualified. */
  readonly definition: string;
  readonly method: string;
  readonly unique: boolean;
  readonly primary: boolean;
  /** False for what a failed concurrent build leaves behind. */
  readonly valid: boolean;
  /** Plain key columns in key order; an expression, or the beginning of a value, is null here. */
  readonly keys: readonly (string | null)[];
  /** INCLUDE columns. */
  readonly includes: readonly string[];
  /** Every column that keys, INCLUDE, expressions or the predicate mention. */
  readonly mentions: readonly string[];
  /** The predicate of a partial index, or null. */
  readonly predicate: string | null;
  /** The constraint it carries, or null. */
  readonly constraint: string | null;
  /** The index of the parent table that this one is attached to, or null. */
  readonly parent: ObjectName | null;
  readonly clustered: boolean;
  readonly replicaIdentity: boolean;
  /** Per key position: statistics targets set with ALTER INDEX … SET STATISTICS. */
  readonly statistics: readonly { readonly position: number; readonly target: number }[];
  readonly comment: string | null;
  /** Absent where it is the database's default; the server leaves it out of the definition. */
  readonly tablespace?: string;
}

export interface Trigger {
  readonly name: string;
  /** The server's own CREATE TRIGGER text. */
  readonly definition: string;
  readonly timing: "before" | "after" | "instead of";
  readonly events: readonly ("insert" | "update" | "delete" | "truncate")[];
  readonly forEach: "row" | "statement";
  /** Columns of `UPDATE OF`; empty where it has none. */
  readonly updateOf: readonly string[];
  /** What it calls; its own name where it has a body of its own. */
  readonly function: ObjectName;
  readonly enabled: "origin" | "always" | "replica" | "disabled";
  /** True where it is a clone of a partitioned parent's trigger. */
  readonly inherited: boolean;
  readonly comment: string | null;
  /** Its place among the triggers of the same timing and event, from 1; absent where names decide. */
  readonly order?: number;
  /** Whose rights its body has; absent where it has the writer's. */
  readonly owner?: string;
  /** Settings it was created under that its body keeps. */
  readonly attributes?: Readonly<Record<string, string>>;
}

export interface Policy {
  readonly name: string;
  readonly command: string;
  readonly permissive: boolean;
  readonly roles: readonly string[];
  readonly using: string | null;
  readonly check: string | null;
  /** Columns of its own table that the expressions mention. */
  readonly mentions: readonly string[];
  readonly comment: string | null;
}

export interface Rule {
  readonly name: string;
  readonly definition: string;
  /** Absent for the usual `origin`. */
  readonly enabled?: "always" | "replica" | "disabled";
}

export interface Table {
  readonly name: ObjectName;
  readonly kind: "table" | "partitioned" | "foreign";
  readonly persistence: "permanent" | "unlogged";
  readonly columns: readonly Column[];
  readonly constraints: readonly Constraint[];
  readonly indexes: readonly Index[];
  readonly triggers: readonly Trigger[];
  readonly policies: readonly Policy[];
  readonly rules: readonly Rule[];
  readonly rowSecurity: { readonly enabled: boolean; readonly forced: boolean };
  readonly owner: string;
  readonly grants: readonly Grant[];
  readonly comment: string | null;
  /** `default`, `nothing`, `full`, or `index <name>`. */
  readonly replicaIdentity: string;
  /** Parents by plain inheritance, in order. */
  readonly inherits: readonly ObjectName[];
  readonly partitionKey: { readonly definition: string; readonly columns: readonly string[] } | null;
  readonly partitionOf: { readonly parent: ObjectName; readonly bound: string } | null;
  /** Access method, tablespace, storage parameters, where they differ from the defaults. */
  readonly options: Readonly<Record<string, string>>;
}

export interface Sequence {
  readonly name: ObjectName;
  readonly type: string;
  readonly start: string;
  readonly increment: string;
  readonly min: string;
  readonly max: string;
  readonly cache: string;
  readonly cycle: boolean;
  readonly persistence: "permanent" | "unlogged";
  readonly ownedBy: { readonly table: ObjectName; readonly column: string } | null;
  /** True for the sequence behind an identity column. */
  readonly identity: boolean;
  readonly owner: string;
  readonly grants: readonly Grant[];
  readonly comment: string | null;
}

/** A table or view, and the columns of it that something depends on. */
export interface Use {
  readonly name: ObjectName;
  readonly columns: readonly string[];
}

export interface View {
  readonly name: ObjectName;
  readonly kind: "view" | "materialized";
  readonly definition: string;
  readonly columns: readonly {
    readonly name: string;
    readonly type: string;
    readonly comment: string | null;
    readonly default: string | null;
    readonly grants: readonly Grant[];
  }[];
  readonly options: Readonly<Record<string, string>>;
  readonly uses: readonly Use[];
  readonly indexes: readonly Index[];
  readonly triggers: readonly Trigger[];
  readonly rules: readonly Rule[];
  readonly owner: string;
  readonly grants: readonly Grant[];
  readonly comment: string | null;
}

export interface Routine {
  readonly name: ObjectName;
  readonly kind: "function" | "procedure" | "aggregate" | "window";
  /** Argument types as the server prints them; with the name this identifies it. */
  readonly arguments: string;
  /** The server's own CREATE text; for an aggregate a description of its parts. */
  readonly definition: string;
  /** The source text of the body, for searching names in it; null where it has none. */
  readonly body: string | null;
  readonly language: string;
  readonly volatility: "immutable" | "stable" | "volatile";
  readonly returns: string;
  /** Table columns that a BEGIN ATOMIC body depends on. */
  readonly uses: readonly Use[];
  readonly owner: string;
  readonly grants: readonly Grant[];
  readonly comment: string | null;
  /** What the definition does not say: settings it was created under, and the like. */
  readonly attributes?: Readonly<Record<string, string>>;
}

/** Statements that the server runs by itself at their times. */
export interface ScheduledEvent {
  readonly name: ObjectName;
  /** The server's own CREATE text. */
  readonly definition: string;
  /** The statements, for searching names in them. */
  readonly body: string;
  readonly enabled: boolean;
  readonly owner: string;
  readonly comment: string | null;
  readonly attributes: Readonly<Record<string, string>>;
}

/** A user-defined type. */
export type TypeDefinition =
  | { readonly kind: "enum"; readonly labels: readonly string[] }
  | {
      readonly kind: "domain";
      readonly type: string;
      readonly collation: string | null;
      readonly default: string | null;
      readonly notNull: boolean;
      readonly constraints: readonly { readonly name: string; readonly definition: string; readonly validated: boolean }[];
    }
  | { readonly kind: "composite"; readonly attributes: readonly { readonly name: string; readonly type: string; readonly collation: string | null }[] }
  | { readonly kind: "range"; readonly definition: string };

export interface Type {
  readonly name: ObjectName;
  readonly definition: TypeDefinition;
  readonly owner: string;
  readonly grants: readonly Grant[];
  readonly comment: string | null;
}

export interface Namespace {
  readonly name: string;
  readonly owner: string;
  readonly grants: readonly Grant[];
  readonly comment: string | null;
  /** What new objects in it get where they say nothing, on engines where a namespace decides that. */
  readonly options?: Readonly<Record<string, string>>;
}

export interface Publication {
  readonly name: string;
  readonly allTables: boolean;
  readonly operations: readonly string[];
  readonly viaRoot: boolean;
  readonly schemas: readonly string[];
  readonly tables: readonly { readonly table: ObjectName; readonly columns: readonly string[] | null; readonly where: string | null }[];
  readonly owner: string;
  /** Absent where generated columns are left out, which is the default. */
  readonly generatedColumns?: "stored";
}

export interface Statistics {
  readonly name: ObjectName;
  readonly table: ObjectName;
  readonly definition: string;
  readonly mentions: readonly string[];
  readonly target: number | null;
  readonly owner: string;
  readonly comment: string | null;
}

/** An object that was seen and is not modelled; a change that meets it refuses instead of losing it. */
export interface Unmodelled {
  readonly kind: string;
  readonly name: string;
  /** The tables it hangs on, so that a change of one of them can refuse; empty where it hangs on none. */
  readonly tables: readonly ObjectName[];
}

/** Every map is keyed by `keyOf(name)` (routines: followed by `(arguments)`). */
export interface Schema {
  /** The dialect's name. */
  readonly engine: string;
  /** The server's version as one comparable number, as the engine counts it (PostgreSQL 18.4 is 180004). */
  readonly version: number;
  readonly namespaces: Readonly<Record<string, Namespace>>;
  readonly tables: Readonly<Record<string, Table>>;
  readonly views: Readonly<Record<string, View>>;
  readonly sequences: Readonly<Record<string, Sequence>>;
  readonly types: Readonly<Record<string, Type>>;
  readonly routines: Readonly<Record<string, Routine>>;
  readonly publications: Readonly<Record<string, Publication>>;
  readonly statistics: Readonly<Record<string, Statistics>>;
  /** Names of installed extensions with their schema and version. */
  readonly extensions: Readonly<Record<string, { readonly schema: string; readonly version: string }>>;
  /** Absent where the engine has none. */
  readonly events?: Readonly<Record<string, ScheduledEvent>>;
  readonly unmodelled: readonly Unmodelled[];
}

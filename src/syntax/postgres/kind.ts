// What a statement is called and what it creates.
import { rangeName, type WrittenName } from "./reads.ts";
import { isTree, strings, type Tree, unwrap } from "./tree.ts";

/** Kinds of object whose words are not those of their tag. */
const objectWords: Readonly<Record<string, string>> = {
  OBJECT_MATVIEW: "materialized view",
  OBJECT_TABCONSTRAINT: "constraint",
  OBJECT_DOMCONSTRAINT: "domain constraint",
  OBJECT_STATISTIC_EXT: "statistics",
  OBJECT_FOREIGN_SERVER: "server",
  OBJECT_FDW: "foreign data wrapper",
  OBJECT_TSCONFIGURATION: "text search configuration",
  OBJECT_TSDICTIONARY: "text search dictionary",
  OBJECT_TSPARSER: "text search parser",
  OBJECT_TSTEMPLATE: "text search template",
  OBJECT_OPCLASS: "operator class",
  OBJECT_OPFAMILY: "operator family",
};

/** `OBJECT_FOREIGN_TABLE` → `foreign table`. */
export const objectKind = (tag: unknown): string =>
  objectWords[String(tag)] ??
  String(tag)
    .replace(/^OBJECT_/, "")
    .replaceAll("_", " ")
    .toLowerCase();

const plain: Readonly<Record<string, string>> = {
  IndexStmt: "create index",
  CreateStmt: "create table",
  ViewStmt: "create view",
  RuleStmt: "create rule",
  CreateTrigStmt: "create trigger",
  CreateEventTrigStmt: "create event trigger",
  AlterEventTrigStmt: "alter event trigger",
  CreateSeqStmt: "create sequence",
  AlterSeqStmt: "alter sequence",
  CreatedbStmt: "create database",
  DropdbStmt: "drop database",
  CreatePLangStmt: "create language",
  CreateFdwStmt: "create foreign data wrapper",
  CreateForeignServerStmt: "create server",
  CreateOpClassStmt: "create operator class",
  CreateOpFamilyStmt: "create operator family",
  CreateAmStmt: "create access method",
  CompositeTypeStmt: "create type",
  CreateEnumStmt: "create type",
  CreateRangeStmt: "create type",
  AlterEnumStmt: "alter type",
  AlterTypeStmt: "alter type",
  CreateStatsStmt: "create statistics",
  AlterStatsStmt: "alter statistics",
  RefreshMatViewStmt: "refresh materialized view",
  VariableSetStmt: "set",
  VariableShowStmt: "show",
  SecLabelStmt: "security label",
  ConstraintsSetStmt: "set constraints",
  CreateTableSpaceStmt: "create tablespace",
  DropTableSpaceStmt: "drop tablespace",
  AlterTableMoveAllStmt: "alter table",
  CheckPointStmt: "checkpoint",
  LockStmt: "lock table",
};

/** Kinds of thing that ALTER … RENAME names by what they hang on. */
const renameOf = (fields: Tree): string => {
  const type = fields["renameType"];
  if (type === "OBJECT_COLUMN") return objectKind(fields["relationType"]);
  if (type === "OBJECT_TABCONSTRAINT") return "table";
  if (type === "OBJECT_ATTRIBUTE") return "type";
  if (type === "OBJECT_DOMCONSTRAINT") return "domain";
  return objectKind(type);
};

/** What a statement is called, in lower case, as its manual page is: `create index`, `alter table`, `drop function`. */
export function statementKind(kind: string, fields: Tree): string {
  switch (kind) {
    case "AlterTableStmt":
      return `alter ${objectKind(fields["objtype"])}`;
    case "RenameStmt":
      return `alter ${renameOf(fields)}`;
    case "AlterObjectSchemaStmt":
    case "AlterOwnerStmt":
    case "AlterObjectDependsStmt":
      return `alter ${objectKind(fields["objectType"])}`;
    case "DropStmt":
      return `drop ${objectKind(fields["removeType"])}`;
    case "DefineStmt":
      return `create ${objectKind(fields["kind"])}`;
    case "CreateTableAsStmt":
      return fields["objtype"] === "OBJECT_MATVIEW" ? "create materialized view" : "create table as";
    case "CreateFunctionStmt":
      return fields["is_procedure"] === true ? "create procedure" : "create function";
    case "VacuumStmt":
      return fields["is_vacuumcmd"] === true ? "vacuum" : "analyze";
    case "GrantStmt":
    case "GrantRoleStmt":
      return fields["is_grant"] === true ? "grant" : "revoke";
    case "TransactionStmt":
      return String(fields["kind"]).replace("TRANS_STMT_", "").replaceAll("_", " ").toLowerCase();
    default:
      return (
        plain[kind] ??
        kind
          .replace(/Stmt$/, "")
          .replace(/(?<=[a-z])(?=[A-Z])/g, " ")
          .toLowerCase()
      );
  }
}

export interface Created extends WrittenName {
  /** `table`, `index`, `function` … */
  readonly kind: string;
}

const lastTwo = (names: readonly string[]): WrittenName | null => {
  const name = names.at(-1);
  return name === undefined ? null : { schema: names.at(-2) ?? null, name };
};

const single = (value: unknown): WrittenName | null => (typeof value === "string" && value !== "" ? { schema: null, name: value } : null);

/** Where a CREATE keeps the name of what it makes. */
function createdName(kind: string, fields: Tree): WrittenName | null {
  switch (kind) {
    case "CreateStmt":
      return rangeName(fields["relation"]);
    case "CreateForeignTableStmt":
      return isTree(fields["base"]) ? rangeName(fields["base"]["relation"]) : null;
    case "IndexStmt": {
      // An index lives where its table does; without a name the server chooses one.
      const name = single(fields["idxname"]);
      return name && { schema: rangeName(fields["relation"])?.schema ?? null, name: name.name };
    }
    case "ViewStmt":
      return rangeName(fields["view"]);
    case "CreateTableAsStmt":
      return isTree(fields["into"]) ? rangeName(fields["into"]["rel"]) : null;
    case "SelectStmt":
      return isTree(fields["intoClause"]) ? rangeName(fields["intoClause"]["rel"]) : null;
    case "CreateSeqStmt":
      return rangeName(fields["sequence"]);
    case "CompositeTypeStmt":
      return rangeName(fields["typevar"]);
    // Their `funcname` is the function that they call.
    case "CreateTrigStmt":
    case "CreateEventTrigStmt":
      return single(fields["trigname"]);
    default:
      return lastTwo(strings(fields["funcname"] ?? fields["domainname"] ?? fields["typeName"] ?? fields["defnames"])) ?? namedOtherwise(fields);
  }
}

const nameFields = [
  "policy_name",
  "schemaname",
  "extname",
  "pubname",
  "subname",
  "rulename",
  "role",
  "servername",
  "fdwname",
  "plname",
  "amname",
  "dbname",
  "tablespacename",
];
const namedOtherwise = (fields: Tree): WrittenName | null => nameFields.map((field) => single(fields[field])).find((name) => name !== null) ?? null;

/** What a statement creates, where it says under which name; the tables of CREATE SCHEMA included. */
export function createdBy(kind: string, fields: Tree): readonly Created[] {
  const called = kind === "SelectStmt" ? "create table" : statementKind(kind, fields);
  if (!called.startsWith("create ")) return [];
  const name = createdName(kind, fields);
  const inner = (Array.isArray(fields["schemaElts"]) ? fields["schemaElts"] : []).flatMap((element: unknown) => {
    const node = unwrap(element);
    return node ? createdBy(node.kind, node.fields).map((made) => ({ ...made, schema: made.schema ?? name?.name ?? null })) : [];
  });
  return name ? [{ kind: called.slice("create ".length).replace(/ as$/, ""), ...name }, ...inner] : inner;
}

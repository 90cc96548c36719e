// What each kind of statement locks and costs, as far as its text alone tells. Manual: "Explicit Locking".
import { alterTableEffects } from "./altertable.ts";
import { createdBy } from "./kind.ts";
import { type LockMode, lockModes, onTable, relations, type StatementWork } from "./locks.ts";
import { rangeName, readTables, type WrittenName } from "./reads.ts";
import { asName, listed, lock, nameParts, option, type Said } from "./said.ts";
import { isTree, type Tree, unwrap } from "./tree.ts";

function drop(fields: Tree): Said {
  const type = String(fields["removeType"]);
  const names = listed(fields["objects"]).map(nameParts);
  const cascade = fields["behavior"] === "DROP_CASCADE";
  if (type === "OBJECT_INDEX") {
    const [first, ...others] = names;
    return { more: true, index: fields["concurrent"] === true && others.length === 0 && first ? asName(first) : null };
  }
  const named = onTable.has(type) ? names.map((name) => name.slice(0, -1)) : relations.has(type) ? names : [];
  // A dropped table's foreign keys lock the tables that they point to.
  return {
    locks: named.flatMap((name) => lock(asName(name), "ACCESS EXCLUSIVE")),
    more: cascade || type === "OBJECT_TABLE" || type === "OBJECT_STATISTIC_EXT",
  };
}

function comment(fields: Tree): Said {
  const type = String(fields["objtype"]);
  const name = nameParts(fields["object"]);
  if (type === "OBJECT_COLUMN" || relations.has(type))
    return { locks: lock(asName(type === "OBJECT_COLUMN" ? name.slice(0, -1) : name), "SHARE UPDATE EXCLUSIVE") };
  return { locks: onTable.has(type) ? lock(asName(name.slice(0, -1)), "ACCESS SHARE") : [] };
}

function createTable(fields: Tree): Said {
  const partition = fields["partbound"] !== undefined;
  const locks = listed(fields["inhRelations"]).flatMap((parent) => lock(rangeName(parent), partition ? "ACCESS EXCLUSIVE" : "SHARE UPDATE EXCLUSIVE"));
  const constraints = listed(fields["tableElts"]).flatMap((element) => {
    const node = unwrap(element);
    if (node?.kind === "TableLikeClause") locks.push(...lock(rangeName(node.fields["relation"]), "ACCESS SHARE"));
    return node?.kind === "Constraint" ? [node.fields] : listed(node?.fields["constraints"]).map((item) => unwrap(item)?.fields ?? {});
  });
  for (const constraint of constraints) locks.push(...lock(rangeName(constraint["pktable"]), "SHARE ROW EXCLUSIVE"));
  return { locks, more: partition };
}

function reindex(fields: Tree): Said {
  const concurrent = option(fields["params"], "concurrently") === true;
  const table = fields["kind"] === "REINDEX_OBJECT_TABLE" ? rangeName(fields["relation"]) : null;
  return { locks: lock(table, concurrent ? "SHARE UPDATE EXCLUSIVE" : "SHARE"), more: table === null, work: "build" };
}

function vacuum(fields: Tree): Said {
  const full = option(fields["options"], "full") === true;
  const tables = listed(fields["rels"]).map((item) => rangeName(unwrap(item)?.fields["relation"]));
  return {
    locks: tables.flatMap((table) => lock(table, full ? "ACCESS EXCLUSIVE" : "SHARE UPDATE EXCLUSIVE")),
    more: tables.length === 0,
    work: full ? "rewrite" : "scan",
  };
}

function rename(fields: Tree): Said {
  const type = String(fields["renameType"] ?? fields["objectType"]);
  const table = rangeName(fields["relation"]);
  // The lock is on the index alone.
  return type === "OBJECT_INDEX" || fields["relationType"] === "OBJECT_TYPE" ? {} : { locks: lock(table, "ACCESS EXCLUSIVE") };
}

function reads(tree: unknown, work: StatementWork): Said {
  const locks: { readonly table: WrittenName; readonly mode: LockMode }[] = [];
  readTables(tree, (table, mode) => locks.push({ table, mode }));
  return { locks, work };
}

function alterTable(fields: Tree): Said {
  const { own, others, more } = alterTableEffects(fields);
  const type = fields["objtype"];
  if (type === "OBJECT_INDEX") return { more: others.length > 0 };
  if (type === "OBJECT_TYPE") return { more: true, work: "unknown" };
  return { locks: [...lock(rangeName(fields["relation"]), own.mode), ...others], more, work: own.work };
}

function createIndex(fields: Tree): Said {
  const concurrent = fields["concurrent"] === true;
  const index = concurrent ? createdBy("IndexStmt", fields)[0] : undefined;
  return {
    locks: lock(rangeName(fields["relation"]), concurrent ? "SHARE UPDATE EXCLUSIVE" : "SHARE"),
    work: "build",
    index: index ? { schema: index.schema, name: index.name } : null,
  };
}

function alterDomain(fields: Tree): Said {
  const added = unwrap(fields["def"])?.fields;
  const checks = fields["subtype"] === "V" || fields["subtype"] === "O" || (fields["subtype"] === "C" && added?.["skip_validation"] !== true);
  // SHARE on every table that uses the domain.
  return { more: checks, work: checks ? "scan" : "instant" };
}

const publishes = (fields: Tree): Said => ({
  locks: listed(fields["pubobjects"]).flatMap((item) => {
    const table = unwrap(item)?.fields["pubtable"];
    return lock(isTree(table) ? rangeName(table["relation"]) : null, "SHARE UPDATE EXCLUSIVE");
  }),
  more: fields["action"] === "AP_SetObjects",
});

/** A lock on the one table in a field. */
const onOne =
  (field: string, mode: LockMode, work: StatementWork = "instant") =>
  (fields: Tree): Said => {
    const table = rangeName(fields[field]);
    return { locks: lock(table, mode), work, more: table === null };
  };

/** A lock on each table of a list. */
const onEach =
  (field: string, mode: (fields: Tree) => LockMode) =>
  (fields: Tree): Said => ({
    locks: listed(fields[field]).flatMap((table) => lock(rangeName(table), mode(fields))),
    more: fields["behavior"] === "DROP_CASCADE",
  });

const rows =
  (kind: string) =>
  (fields: Tree): Said =>
    reads({ [kind]: fields }, "unknown");

/** By the kind of the statement's node; whatever is not listed locks no table and touches the catalog only. */
const statements: Readonly<Record<string, (fields: Tree) => Said>> = {
  SelectStmt: rows("SelectStmt"),
  InsertStmt: rows("InsertStmt"),
  UpdateStmt: rows("UpdateStmt"),
  DeleteStmt: rows("DeleteStmt"),
  MergeStmt: rows("MergeStmt"),
  CopyStmt: (fields) => (fields["is_from"] === true ? onOne("relation", "ROW EXCLUSIVE", "unknown")(fields) : reads(fields, "unknown")),
  CreateTableAsStmt: (fields) => reads(fields["query"], "unknown"),
  ExplainStmt: (fields) => reads(fields, "unknown"),
  PrepareStmt: (fields) => reads(fields, "unknown"),
  DeclareCursorStmt: (fields) => reads(fields, "unknown"),
  DoStmt: () => ({ more: true, work: "unknown" }),
  CallStmt: () => ({ more: true, work: "unknown" }),
  ExecuteStmt: () => ({ more: true, work: "unknown" }),
  TruncateStmt: onEach("relations", () => "ACCESS EXCLUSIVE"),
  // The parser gives the mode as the server's own number, from 1.
  LockStmt: onEach("relations", (fields) => lockModes[Number(fields["mode"]) - 1] ?? "ACCESS EXCLUSIVE"),

  CreateStmt: createTable,
  AlterTableStmt: alterTable,
  RenameStmt: rename,
  AlterObjectSchemaStmt: rename,
  AlterTableMoveAllStmt: () => ({ more: true, work: "rewrite" }),
  DropStmt: drop,
  DropOwnedStmt: () => ({ more: true }),
  ReassignOwnedStmt: () => ({ more: true }),
  CommentStmt: comment,
  SecLabelStmt: comment,
  GrantStmt: (fields) => (fields["targtype"] === "ACL_TARGET_OBJECT" ? reads(fields["objects"], "instant") : { more: true }),

  IndexStmt: createIndex,
  ReindexStmt: reindex,
  VacuumStmt: vacuum,
  ClusterStmt: onOne("relation", "ACCESS EXCLUSIVE", "rewrite"),
  CreateStatsStmt: onEach("relations", () => "SHARE UPDATE EXCLUSIVE"),

  // A replaced view is locked too, but whether it is there only the catalog knows.
  ViewStmt: (fields) => ({ ...reads(fields["query"], "instant"), more: fields["replace"] === true }),
  RefreshMatViewStmt: (fields) => ({ ...onOne("relation", fields["concurrent"] === true ? "EXCLUSIVE" : "ACCESS EXCLUSIVE", "scan")(fields), more: true }),
  CreateFunctionStmt: (fields) => reads(fields["sql_body"], "instant"),
  CreateSchemaStmt: (fields) => ({ more: fields["schemaElts"] !== undefined }),
  CreateTrigStmt: (fields) => ({
    locks: [...lock(rangeName(fields["relation"]), "SHARE ROW EXCLUSIVE"), ...lock(rangeName(fields["constrrel"]), "ACCESS SHARE")],
  }),
  CreatePolicyStmt: onOne("table", "ACCESS EXCLUSIVE"),
  AlterPolicyStmt: onOne("table", "ACCESS EXCLUSIVE"),
  RuleStmt: onOne("relation", "ACCESS EXCLUSIVE"),
  AlterSeqStmt: onOne("sequence", "SHARE ROW EXCLUSIVE"),
  AlterDomainStmt: alterDomain,
  CreatePublicationStmt: publishes,
  AlterPublicationStmt: publishes,
};

/** What a statement locks and costs. */
export const effectsOf = (kind: string, fields: Tree): Said => statements[kind]?.(fields) ?? {};

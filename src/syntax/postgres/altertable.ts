// What the acts of one ALTER TABLE lock and cost, as far as the statement alone tells.
import { alterTableEffect, constraintEffect, type Effect, type LockMode, relationOptionsEffect, strictest } from "./locks.ts";
import { rangeName, type WrittenName } from "./reads.ts";
import { isTree, strings, type Tree, unwrap, walk } from "./tree.ts";

export interface AlterEffect {
  /** On the altered table. */
  readonly own: Effect;
  /** On tables that its acts name. */
  readonly others: readonly { readonly table: WrittenName; readonly mode: LockMode }[];
  /** It may lock tables that it does not name. */
  readonly more: boolean;
}

type Other = AlterEffect["others"][number];

const instant: Effect = { mode: "ACCESS EXCLUSIVE", work: "instant" };

const columnEffect = (work: Effect["work"]): Effect => ({ mode: "ACCESS EXCLUSIVE", work });

const sequenceTypes = /^(small|big)?serial[248]?$/;

/** Functions whose value is fixed while a statement runs, so that ADD COLUMN stores it once; any other function may be volatile. */
const stable: ReadonlySet<string> = new Set([
  "now",
  "transaction_timestamp",
  "statement_timestamp",
  "current_setting",
  "current_schema",
  "lower",
  "upper",
  "to_date",
  "make_date",
  "md5",
]);

/** What evaluating the default of a new column for existing rows costs. */
function defaultEffect(expression: unknown): Effect["work"] {
  let work: Effect["work"] = "instant";
  walk(expression, (tree) => {
    const call = unwrap(tree);
    if (call?.kind !== "FuncCall") return;
    const name = strings(call.fields["funcname"]).at(-1) ?? "";
    if (["nextval", "random", "clock_timestamp", "timeofday", "gen_random_uuid", "uuidv4", "uuidv7"].includes(name) || name.startsWith("uuid_generate_"))
      work = "rewrite";
    else if (!stable.has(name) && work === "instant") work = "unknown";
  });
  return work;
}

/** Types of the server's own that people write without `pg_catalog` and that the grammar does not qualify by itself. */
const ownTypes =
  /^(bool|int[248]|float[48]|numeric|decimal|text|varchar|bpchar|char|name|bytea|bit|varbit|date|time(stamp)?(tz)?|interval|uuid|jsonb?|xml|money|inet|cidr|macaddr8?|oid|reg\w+|point|line|lseg|box|path|polygon|circle|tsvector|tsquery|jsonpath|pg_lsn|(int[48]|num|ts|tstz|date)(multi)?range)$/;

/** Whether a type is one of the server's own; any other may be a domain with constraints, whose column is rewritten. */
const builtIn = (names: readonly string[]): boolean => names[0] === "pg_catalog" || (names.length === 1 && ownTypes.test(names[0] ?? ""));

function addColumn(definition: Tree): { readonly effects: readonly Effect[]; readonly others: readonly Other[] } {
  const type = isTree(definition["typeName"]) ? strings(definition["typeName"]["names"]) : [];
  const effects: Effect[] = [columnEffect(sequenceTypes.test(type.at(-1) ?? "") ? "rewrite" : builtIn(type) ? "instant" : "unknown")];
  const others: Other[] = [];
  const constraints = (Array.isArray(definition["constraints"]) ? definition["constraints"] : []).map((item: unknown) => unwrap(item)?.fields ?? {});
  const value = constraints.find((constraint) => constraint["contype"] === "CONSTR_DEFAULT");
  for (const constraint of constraints) {
    switch (constraint["contype"]) {
      case "CONSTR_DEFAULT":
        effects.push(columnEffect(defaultEffect(constraint["raw_expr"])));
        break;
      case "CONSTR_IDENTITY":
        effects.push(columnEffect("rewrite"));
        break;
      case "CONSTR_GENERATED":
        effects.push(columnEffect(constraint["generated_kind"] === "v" ? "instant" : "rewrite"));
        break;
      case "CONSTR_CHECK":
        effects.push(constraintEffect("CONSTR_CHECK", constraint["is_enforced"] === true, false));
        break;
      case "CONSTR_NOTNULL":
        // With a constant default the server knows that no row can break it.
        effects.push(columnEffect(value ? "instant" : "scan"));
        break;
      case "CONSTR_PRIMARY":
      case "CONSTR_UNIQUE":
        effects.push(columnEffect("build"));
        break;
      case "CONSTR_FOREIGN": {
        // A column that is NULL everywhere breaks no reference, and the server does not look.
        effects.push(columnEffect(value ? "scan" : "instant"));
        const table = rangeName(constraint["pktable"]);
        if (table) others.push({ table, mode: "SHARE ROW EXCLUSIVE" });
        break;
      }
    }
  }
  return { effects, others };
}

function addConstraint(constraint: Tree): { readonly effects: readonly Effect[]; readonly others: readonly Other[] } {
  const kind = String(constraint["contype"]);
  // NOT NULL and keys have no NOT ENFORCED form, and the parser leaves the field out for them.
  const enforced = constraint["is_enforced"] === true || (kind !== "CONSTR_CHECK" && kind !== "CONSTR_FOREIGN");
  const effects = [constraintEffect(kind, enforced && constraint["skip_validation"] !== true, typeof constraint["indexname"] === "string")];
  const table = rangeName(constraint["pktable"]);
  return { effects, others: table ? [{ table, mode: "SHARE ROW EXCLUSIVE" }] : [] };
}

/** The effects of a partition or parent joining or leaving: on the altered table, and on the one that the act names. */
const relatives: Readonly<Record<string, { readonly own: LockMode; readonly other: LockMode }>> = {
  AT_AttachPartition: { own: "SHARE UPDATE EXCLUSIVE", other: "ACCESS EXCLUSIVE" },
  AT_DetachPartition: { own: "ACCESS EXCLUSIVE", other: "ACCESS EXCLUSIVE" },
  AT_DetachPartitionFinalize: { own: "SHARE UPDATE EXCLUSIVE", other: "ACCESS EXCLUSIVE" },
  AT_AddInherit: { own: "ACCESS EXCLUSIVE", other: "SHARE UPDATE EXCLUSIVE" },
  AT_DropInherit: { own: "ACCESS EXCLUSIVE", other: "ACCESS SHARE" },
};

/** Acts that also lock a table at the other end of a foreign key, or a default partition. */
const reachesFurther: ReadonlySet<string> = new Set([
  "AT_DropConstraint",
  "AT_AlterColumnType",
  "AT_ValidateConstraint",
  "AT_AlterConstraint",
  "AT_DropColumn",
  "AT_AttachPartition",
  "AT_DetachPartition",
]);

function act(command: Tree): { readonly effects: readonly Effect[]; readonly others: readonly Other[] } {
  const subtype = String(command["subtype"]);
  const definition = unwrap(command["def"])?.fields ?? {};
  const relative = relatives[subtype];
  if (relative) {
    const table = rangeName(command["def"]) ?? rangeName(definition["name"]);
    const { work } = alterTableEffect(subtype);
    const own = definition["concurrent"] === true ? "SHARE UPDATE EXCLUSIVE" : relative.own;
    return { effects: [{ mode: own, work }], others: table ? [{ table, mode: relative.other }] : [] };
  }
  switch (subtype) {
    case "AT_AddColumn":
      return addColumn(definition);
    case "AT_AddConstraint":
      return addConstraint(definition);
    case "AT_SetRelOptions":
    case "AT_ResetRelOptions":
      return {
        effects: [
          relationOptionsEffect(
            (Array.isArray(definition["items"]) ? definition["items"] : []).map((item: unknown) => String(unwrap(item)?.fields["defname"])),
          ),
        ],
        others: [],
      };
    case "AT_AlterConstraint": {
      const checks = definition["alterEnforceability"] === true && definition["is_enforced"] === true;
      return { effects: [{ mode: "ACCESS EXCLUSIVE", work: checks ? "scan" : "instant" }], others: [] };
    }
    default:
      return { effects: [alterTableEffect(subtype)], others: [] };
  }
}

/** What an ALTER TABLE locks and costs: the strictest of its acts for its own table. */
export function alterTableEffects(fields: Tree): AlterEffect {
  const commands = (Array.isArray(fields["cmds"]) ? fields["cmds"] : []).map((item: unknown) => unwrap(item)?.fields ?? {});
  const acts = commands.map(act);
  const effects = acts.flatMap(({ effects: own }) => own);
  return {
    own: effects.length === 0 ? instant : strictest(effects),
    others: acts.flatMap(({ others }) => others),
    more: commands.some((command) => reachesFurther.has(String(command["subtype"])) || command["behavior"] === "DROP_CASCADE"),
  };
}

/** True for DETACH PARTITION … CONCURRENTLY, which runs outside transactions only. */
export const detachesConcurrently = (fields: Tree): boolean =>
  (Array.isArray(fields["cmds"]) ? fields["cmds"] : []).some((item: unknown) => unwrap(unwrap(item)?.fields["def"])?.fields["concurrent"] === true);

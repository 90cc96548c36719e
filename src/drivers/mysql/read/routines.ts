// Functions and procedures, and their parameters.
import type { Routine } from "../../../schema/model.ts";
import type { Draft, Open } from "./draft.ts";
import { family, fields, textOrNull } from "./family.ts";
import * as write from "./text.ts";
import { settingsOf } from "./triggers.ts";

interface RoutineRow {
  readonly routine_name: string;
  readonly routine_type: string;
  readonly routine_definition: string | null;
  readonly is_deterministic: string;
  readonly sql_data_access: string;
  readonly security_type: string;
  readonly sql_mode: string;
  readonly routine_comment: string;
  readonly definer: string;
  readonly character_set_client: string;
  readonly collation_connection: string;
  readonly database_collation: string;
}

const query = (): string =>
  `select ${fields("routine_name", "routine_type", "routine_definition", "is_deterministic", "sql_data_access", "security_type", "sql_mode", "routine_comment", "definer", "character_set_client", "collation_connection", "database_collation")}
  from information_schema.routines where routine_schema = database()`;

/** Only an aggregate can say this, and nothing else tells it apart. */
const aggregates = /\bfetch\s+group\s+next\s+row\b/i;

function kindOf(row: RoutineRow): Routine["kind"] {
  if (row.routine_type === "PROCEDURE") return "procedure";
  return aggregates.test(row.routine_definition ?? "") ? "aggregate" : "function";
}

/** Its text is put together when its parameters are there. */
function collect(draft: Draft, row: RoutineRow): void {
  if (row.routine_type !== "FUNCTION" && row.routine_type !== "PROCEDURE") {
    draft.unmodelled.push({ kind: row.routine_type.toLowerCase(), name: row.routine_name, tables: [] });
    return;
  }
  draft.routines.push({
    name: draft.nameOf(row.routine_name),
    kind: kindOf(row),
    arguments: "",
    definition: "",
    body: row.routine_definition,
    language: "sql",
    volatility: row.is_deterministic === "YES" ? "immutable" : "volatile",
    returns: "",
    uses: [],
    owner: draft.shared(row.definer),
    grants: [],
    comment: textOrNull(row.routine_comment),
    attributes: { security: row.security_type, "data access": row.sql_data_access, ...settingsOf(row) },
  });
}

export const routines = family(query, collect);

interface ParameterRow {
  readonly specific_name: string;
  readonly routine_type: string;
  readonly ordinal_position: number | string;
  readonly parameter_mode: string | null;
  readonly parameter_name: string | null;
  readonly dtd_identifier: string;
  readonly character_set_name: string | null;
  readonly collation_name: string | null;
}

export type Parameters = Map<string, ParameterRow[]>;

const ofRoutine = (type: string, name: string): string => `${type} ${name}`;

export const parameters = (into: Parameters): ReturnType<typeof family> =>
  family<ParameterRow>(
    () =>
      `select ${fields("specific_name", "routine_type", "ordinal_position", "parameter_mode", "parameter_name", "dtd_identifier", "character_set_name", "collation_name")}
  from information_schema.parameters where specific_schema = database()`,
    (_, row) => {
      const key = ofRoutine(row.routine_type, row.specific_name);
      const rows = into.get(key);
      if (rows === undefined) into.set(key, [row]);
      else rows.push(row);
    },
  );

const typeOf = (row: ParameterRow): string =>
  row.character_set_name === null ? row.dtd_identifier : `${row.dtd_identifier} CHARSET ${row.character_set_name} COLLATE ${row.collation_name ?? ""}`;

const argumentOf = (procedure: boolean, row: ParameterRow): string =>
  `${procedure ? `${row.parameter_mode ?? "IN"} ` : ""}${write.name(row.parameter_name ?? "")} ${typeOf(row)}`;

function definitionOf(routine: Open<Routine>): string {
  const word = { function: "FUNCTION", procedure: "PROCEDURE", aggregate: "AGGREGATE FUNCTION", window: "" }[routine.kind];
  const { security = "DEFINER", "data access": access = "" } = routine.attributes ?? {};
  const lines = [
    `CREATE DEFINER=${write.account(routine.owner)} ${word} ${write.name(routine.name.name)}(${routine.arguments})${routine.returns === "" ? "" : ` RETURNS ${routine.returns}`}`,
    ...(access === "CONTAINS SQL" ? [] : [access]),
    ...(routine.volatility === "immutable" ? ["DETERMINISTIC"] : []),
    ...(security === "INVOKER" ? ["SQL SECURITY INVOKER"] : []),
    ...(routine.comment === null ? [] : [write.comment(routine.comment).trim()]),
    routine.body ?? "",
  ];
  return lines.join("\n");
}

/** To be called when both are there. */
export function attachParameters(draft: Draft, from: Parameters): void {
  for (const routine of draft.routines) {
    const procedure = routine.kind === "procedure";
    const rows = [...(from.get(ofRoutine(procedure ? "PROCEDURE" : "FUNCTION", routine.name.name)) ?? [])];
    rows.sort((a, b) => Number(a.ordinal_position) - Number(b.ordinal_position));
    const [result] = procedure ? [] : rows.splice(0, 1);
    routine.returns = result === undefined ? "" : typeOf(result);
    routine.arguments = rows.map((row) => argumentOf(procedure, row)).join(", ");
    routine.definition = definitionOf(routine);
  }
}

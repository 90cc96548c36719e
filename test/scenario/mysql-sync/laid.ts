// Lays a sync on a real table: reads the table, adds the new columns, sends the generated statements.
import { quoteLiteral, quoteName } from "../../../src/dialects/mysql/quoting.ts";
import { type FillWay, fillAssignments, pendingCondition, setClause, unfilledCondition } from "../../../src/dialects/mysql/sync/fill.ts";
import { addFlags, dropFlags } from "../../../src/dialects/mysql/sync/flags.ts";
import type { SyncInput } from "../../../src/dialects/mysql/sync/input.ts";
import { creationSettings, type SyncStatements, syncStatements } from "../../../src/dialects/mysql/sync/statements.ts";
import { placeQuery } from "../../../src/dialects/mysql/sync/triggers.ts";
import { badRowCondition } from "../../../src/dialects/mysql/sync/verify.ts";
import { classify } from "../../../src/drivers/mysql/errors.ts";
import type { Column } from "../../../src/schema/model.ts";
import type { Link } from "../../../src/step/shape.ts";
import { here, type MariadbDatabase, onMysql } from "../../harness/mariadb.ts";
import { rewrite } from "./shapes.ts";

export interface Laid {
  readonly input: SyncInput;
  readonly statements: SyncStatements;
  /** Fills holes. */
  fill(template: string, generation?: number): string;
  /** Rows that no batch has filled. */
  unfilled(): Promise<number>;
  /** Rows that verify finds wrong. */
  bad(): Promise<number>;
  /** Rows that are marked filled and are not: in one look, since writers go on meanwhile. */
  stale(): Promise<number>;
  /** One batch over rows that `where` picks, as the run would send it; rows that it changed. A row that refuses it is asked for. */
  batch(where?: string): Promise<number>;
  /** The statement of a batch. */
  batchText(where?: string, way?: FillWay): string;
  /** What is wrong with the place of our triggers. */
  misplaced(): Promise<readonly string[]>;
  /** Takes the triggers away. */
  lift(): Promise<void>;
}

interface Read {
  readonly name: string;
  readonly type: string;
  readonly fallback: string | null;
  readonly nullable: string;
  readonly extra: string;
  readonly collation: string | null;
  readonly expression: string | null;
}

const plain = { identity: null, attributes: {}, comment: null, grants: [], inherited: false, local: true, toastable: false } as const;

/** MySQL shows a default's value, MariaDB how it is written. */
const asSql = ({ fallback, extra }: Read): string | null =>
  fallback === null || /DEFAULT_GENERATED/.test(extra) || /^-?[\d.]+$/.test(fallback) ? fallback : quoteLiteral(fallback);

/** The table's columns, as far as the generator asks. */
export async function read(
  db: MariadbDatabase,
  table: string,
): Promise<{ readonly columns: readonly Column[]; readonly onUpdate: readonly string[]; readonly collation: string }> {
  const at = `table_schema = database() and table_name = ${quoteLiteral(table)}`;
  const found = await db.rows<Read>(
    `select column_name as name, column_type as type, column_default as fallback, is_nullable as nullable, extra as extra, collation_name as collation, generation_expression as expression from information_schema.columns where ${at} order by ordinal_position`,
  );
  const [of] = await db.rows<{ collation: string }>(`select table_collation as collation from information_schema.tables where ${at}`);
  const columns = found.map(
    (one, i): Column => ({
      ...plain,
      name: one.name,
      position: i + 1,
      type: one.type,
      notNull: one.nullable === "NO",
      default: onMysql ? asSql(one) : one.fallback,
      generated:
        one.expression === null || one.expression === "" ? null : { kind: /STORED/.test(one.extra) ? "stored" : "virtual", expression: one.expression },
      identity: /auto_increment/.test(one.extra) ? { mode: "by default", sequence: { schema: "", name: "" } } : null,
      collation: one.collation,
    }),
  );
  return { columns, onUpdate: found.filter(({ extra }) => /on update/i.test(extra)).map(({ name }) => name), collation: of?.collation ?? "utf8mb4_general_ci" };
}

export interface Options extends Partial<Omit<SyncInput, "links" | "table">> {
  /** Columns are there already. */
  readonly bare?: boolean;
  readonly generation?: number;
  /** Columns as of the plan, where they have changed their names since. */
  readonly planned?: readonly Column[];
}

export const inputFor = async (db: MariadbDatabase, table: string, links: readonly Link[], options: Options = {}): Promise<SyncInput> => {
  const { bare: _bare, generation: _generation, planned, ...more } = options;
  const { columns, onUpdate, collation } = await read(db, table);
  return {
    table: { schema: db.name, name: table },
    version: here?.given?.version ?? 101119,
    columns: planned ?? columns,
    collation,
    links,
    stage: "expanded",
    fill: "forward",
    onUpdate,
    partitionKey: [],
    otherTriggers: (
      await db.rows<{ name: string }>(
        `select trigger_name as name from information_schema.triggers where event_object_schema = database() and event_object_table = ${quoteLiteral(table)} and action_timing = 'BEFORE' and event_manipulation = 'UPDATE' and trigger_name not like 'hotstick%'`,
      )
    ).map(({ name }) => name),
    oldWrites: null,
    canRaise: [],
    sentinels: {},
    standIns: {},
    rewrite,
    ...more,
  };
};

/** New columns and markers, hidden, in one ALTER. */
export function additions(input: SyncInput): readonly string[] {
  return input.links.flatMap((link): string[] => {
    const columns = link.kind === "copy" ? [link.new] : link.kind === "transform" ? link.new : [];
    const added = columns.map(({ hidden, spec }) => {
      const sentinel = input.sentinels[hidden];
      const collate = spec.collation === undefined || spec.type.includes(" collate ") ? "" : ` collate ${spec.collation}`;
      const onUpdate = input.onUpdate.includes(hidden) ? " on update current_timestamp" : "";
      return `add column ${quoteName([hidden])} ${spec.type}${collate} ${sentinel === undefined ? "null" : `not null default ${sentinel}`}${onUpdate} invisible`;
    });
    return link.kind === "transform" ? [...added, `add column ${quoteName([link.marker])} smallint null invisible`] : added;
  });
}

export async function lay(db: MariadbDatabase, table: string, links: readonly Link[], options: Options = {}): Promise<Laid> {
  const { bare = false, generation = 0 } = options;
  const input = await inputFor(db, table, links, options);
  const fill = (template: string, at = generation): string => template.replaceAll("{{run}}", "7").replaceAll("{{generation}}", String(at));
  const at = quoteName([input.table.schema, input.table.name]);
  const statements = syncStatements(input);
  const adds = bare ? [] : additions(input);
  const standIns = bare
    ? []
    : Object.entries(input.standIns).map(([name, text]) => `alter table ${at} alter column ${quoteName([name])} set default ${text}, algorithm=instant`);
  await db.rows(
    [
      ...creationSettings,
      ...(adds.length > 0 ? [`alter table ${at} ${adds.join(", ")}, algorithm=instant`] : []),
      ...standIns,
      ...(statements.flagged && !bare ? [addFlags(input)] : []),
      // A trigger that stands is not replaced by every server.
      ...(bare ? statements.drop : []),
      ...statements.create.map((one) => fill(one)),
    ].join(";\n"),
  );
  const count = async (condition: string): Promise<number> =>
    Number((await db.rows<{ n: number }>([...creationSettings, `select count(*) as n from ${at} where ${fill(condition)}`].join(";\n")))[0]?.n);
  const batchText = (where = "true", way: FillWay = "fast"): string =>
    fill(`update ${at} set ${setClause(fillAssignments(input, way))} where (${where}) and (${pendingCondition(input)})`);
  const send = async (text: string): Promise<number> => {
    const rows = await db.rows<{ n: string | number }>(
      [...creationSettings, "set transaction isolation level read committed", text, "select row_count() as n"].join(";\n"),
    );
    return Number(rows[0]?.n);
  };
  return {
    input,
    statements,
    fill,
    unfilled: () => count(unfilledCondition(input)),
    bad: () => count(badRowCondition(input)),
    stale: () => count(`(${badRowCondition(input)}) and not (${unfilledCondition(input)})`),
    batchText,
    batch: async (where = "true") => {
      try {
        return await send(batchText(where));
      } catch (error) {
        if (classify(error) !== "refused") throw error;
        return await send(batchText(where, "careful"));
      }
    },
    misplaced: async () => (await db.rows<{ problem: string }>(placeQuery(input.table, statements.events, input.otherTriggers))).map(({ problem }) => problem),
    lift: async () => {
      await db.rows([...statements.drop, ...(statements.flagged ? [dropFlags(input)] : [])].join(";\n"));
    },
  };
}

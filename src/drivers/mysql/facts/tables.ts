// Facts about tables: how big, and whether empty.
import { quoteLiteral, quoteName } from "../../../dialects/mysql/quoting.ts";
import type { SizeFact } from "../../../schema/facts.ts";
import type { ObjectName } from "../../../schema/model.ts";
import { keyOf } from "../../../schema/names.ts";
import type { Row, Session } from "../../driver.ts";
import { classify } from "../errors.ts";
import { isMariadb } from "../read/product.ts";

/** A table that does not exist (yet): an earlier operation of the same plan may make it. */
export const sizeOfNothing: SizeFact = { rows: 0, bytes: 0, partitions: 0 };

interface SizeRow extends Row {
  readonly table_schema: string;
  readonly table_name: string;
  readonly table_rows: string | number | null;
  readonly bytes: string | number | null;
}

/** One condition a database: with constants only, the server opens just the tables that are asked about. */
function condition(tables: readonly ObjectName[]): string {
  return [...grouped(tables)]
    .map(([schema, names]) => `(table_schema = ${quoteLiteral(schema)} and table_name in (${names.map(({ name }) => quoteLiteral(name)).join(", ")}))`)
    .join(" or ");
}

function grouped(tables: readonly ObjectName[]): ReadonlyMap<string, readonly ObjectName[]> {
  const databases = new Map<string, ObjectName[]>();
  for (const table of tables) databases.set(table.schema, [...(databases.get(table.schema) ?? []), table]);
  return databases;
}

/** Rows as the storage engine estimates them, -1 where it tells of none. MySQL would answer out of a cache that is a day old. */
export async function readSizes(session: Session, tables: readonly ObjectName[], version: number): Promise<ReadonlyMap<string, SizeFact>> {
  if (tables.length === 0) return new Map();
  const [sizes = [], partitions = []] = (
    await session.script([
      isMariadb(version) ? "do 0" : "set session information_schema_stats_expiry = 0",
      `select table_schema as table_schema, table_name as table_name, table_rows as table_rows, data_length + index_length as bytes
        from information_schema.tables where ${condition(tables)}`,
      `select table_schema as table_schema, table_name as table_name, count(*) as partitions
        from information_schema.partitions where (${condition(tables)}) and partition_name is not null group by 1, 2`,
    ])
  ).slice(1);
  const nameOf = (row: Row): string => keyOf({ schema: String(row["table_schema"]), name: String(row["table_name"]) });
  const parts = new Map(partitions.map((row) => [nameOf(row), Number(row["partitions"])]));
  const versions = isMariadb(version) ? new Map<string, number>() : await readVersions(session, tables);
  return new Map(
    (sizes as readonly SizeRow[]).map((row) => {
      const kept = versions.get(nameOf(row));
      const size = { rows: row.table_rows === null ? -1 : Number(row.table_rows), bytes: Number(row.bytes ?? 0), partitions: parts.get(nameOf(row)) ?? 0 };
      return [nameOf(row), kept === undefined ? size : { ...size, versions: kept }];
    }),
  );
}

/** Row versions of MySQL's tables, by name; none where the privilege PROCESS is missing. Names with other characters are stored encoded. */
async function readVersions(session: Session, tables: readonly ObjectName[]): Promise<ReadonlyMap<string, number>> {
  const plain = tables.filter(({ schema, name }) => /^\w+$/.test(schema) && /^\w+$/.test(name));
  if (plain.length === 0) return new Map();
  const names = plain.map(({ schema, name }) => quoteLiteral(`${schema}/${name}`)).join(", ");
  try {
    const [rows = []] = await session.script([
      `select name as name, total_row_versions as versions from information_schema.innodb_tables where name in (${names}) and total_row_versions > 0`,
    ]);
    const found = new Map(rows.map((row) => [String(row["name"]), Number(row["versions"])]));
    return new Map(
      plain.flatMap((table): [string, number][] => {
        const versions = found.get(`${table.schema}/${table.name}`);
        return versions === undefined ? [] : [[keyOf(table), versions]];
      }),
    );
  } catch (error) {
    if (classify(error) !== "denied") throw error;
    return new Map();
  }
}

const emptiness = (table: ObjectName): string => `select not exists (select 1 from ${quoteName([table.schema, table.name])}) as is_empty`;
const isTrue = (rows: readonly Row[] | undefined): boolean => Number(rows?.[0]?.["is_empty"]) === 1;

/** For each table whether it holds no row at all; the tables must exist. */
export async function readEmptiness(session: Session, tables: readonly ObjectName[]): Promise<readonly boolean[]> {
  if (tables.length === 0) return [];
  try {
    return (await session.script(tables.map(emptiness))).map(isTrue);
  } catch (error) {
    if (classify(error) !== "denied") throw error;
    // Not allowed to look: the careful answer is that there are rows.
    if (tables.length === 1) return [false];
    const answers: boolean[] = [];
    for (const table of tables) answers.push(...(await readEmptiness(session, [table])));
    return answers;
  }
}

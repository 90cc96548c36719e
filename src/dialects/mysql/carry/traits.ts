// What the table and its columns are by themselves, and what of it nobody can carry over.
import type { Finding } from "../../../finding.ts";
import type { Table } from "../../../schema/model.ts";
import { keyOf } from "../../../schema/names.ts";
import type { ColumnSpec, Shape } from "../../../step/shape.ts";
import { keyColumns, markers, newColumns, originals } from "../../shape/columns.ts";
import { capabilities, isMariadb } from "../capabilities.ts";
import { isTooWide } from "../shape/width.ts";
import { sentinel } from "../types.ts";
import { isCutWhenDropped } from "../writing.ts";
import { cutWhenDropped, refuse } from "./refusals.ts";

/** For what the server makes the table anew; null where every step is in the catalog only. */
function madeAnew(table: Table, shape: Shape, version: number, exchanged: ReadonlySet<string>): string | null {
  if (table.options["row format"]?.toLowerCase() === "compressed") return "every column of a compressed table that is added or dropped";
  if (isTooWide(table, shape, version)) return "every column that is added to so wide a table or dropped from it";
  const { longDefaults } = capabilities(version);
  const spare = ({ type }: ColumnSpec): boolean => sentinel(type, longDefaults) !== null;
  for (const link of shape.links) {
    if (link.kind === "supply" && link.notNull && !(link.adds && spare(link.adds))) return `NOT NULL of ${link.column}`;
    if (link.kind === "copy" && exchanged.has(link.old.name)) continue;
    const fresh = link.kind === "copy" ? [link.new] : link.kind === "transform" ? link.new : [];
    const found = fresh.find(({ spec }) => spec.notNull && !spare(spec));
    if (found) return `NOT NULL of ${found.spec.name}, whose type has no value to spare for one not given`;
  }
  return null;
}

/** What the table and the columns themselves do not allow. */
export function checkTraits(table: Table, shape: Shape, version: number, exchanged: ReadonlySet<string>): readonly Finding[] {
  const name = keyOf(table.name);
  const olds = originals(shape, table);
  const leaving = olds.map(({ old }) => old.name);
  const findings: Finding[] = [];
  if (keyColumns(table, leaving).length === 0 && (leaving.length > 0 || shape.links.some((link) => link.kind === "supply" && link.fill !== null))) {
    // What is only dropped, and may be NULL in a row of new code, is never walked.
    const only = shape.links.every((link) => link.kind === "leave") && olds.every(({ column }) => !column.notNull || column.default !== null);
    findings.push({
      ...refuse(
        "no-key",
        "table",
        name,
        only
          ? `${name} has no unique key over columns that are NOT NULL and stay: the archive cannot tell which row a value belonged to, so undo brings ${leaving.join(", ")} back without values.`
          : `${name} has no unique key over columns that are NOT NULL and stay: its rows cannot be walked in short transactions.`,
        only ? "Add a primary key first, or accept the rule where nobody will want the values back." : "Add a primary key first.",
      ),
      ...(only ? { acceptable: true } : {}),
    });
  }
  if (table.options["engine"] !== undefined && table.options["engine"].toLowerCase() !== "innodb")
    findings.push(
      refuse(
        "unmodelled-dependant",
        "table",
        name,
        `${name} is stored by ${table.options["engine"]}, which has no transactions.`,
        "Convert it to InnoDB first: alter table … engine = InnoDB.",
      ),
    );
  const text = table.indexes.find(({ method }) => method === "fulltext");
  if (text)
    findings.push(
      refuse(
        "blocks-while-working",
        "index",
        `${name}.${text.name}`,
        `${name} has the FULLTEXT index ${text.name}: the server makes such a table anew for every column that is added or dropped, and lets nobody write meanwhile.`,
        `Give it up in an earlier migration, and make it anew in a later one: alter table … drop index ${text.name}; alter table … force, algorithm=inplace, lock=none. Without the second the table keeps a hidden column, and no column can be added in an instant.`,
      ),
    );
  // Measured on MySQL 9.7.4: neither an index on a virtual column nor a stored one keeps others from writing.
  const onMariadb = isMariadb(version);
  const computed = table.columns.find(
    ({ generated, name: each }) => onMariadb && generated?.kind === "virtual" && table.indexes.some((index) => index.mentions.includes(each)),
  );
  if (computed && shape.links.some((link) => link.kind !== "supply" || link.adds))
    findings.push(
      refuse(
        "blocks-while-working",
        "column",
        `${name}.${computed.name}`,
        `${name} has an index on the virtual column ${computed.name}: the server makes such a table anew for every column that is added, and lets nobody write meanwhile.`,
        "Drop the index in an earlier migration, and make it anew in a later one.",
      ),
    );
  const unwritable = [...leaving, ...newColumns(shape).map(({ spec }) => spec.name)].find(
    (each) => !onMariadb && each.includes("`") && /[^\0-\x7f]/.test(each),
  );
  const all = [...leaving, ...olds.map(({ old }) => old.parked), ...newColumns(shape).flatMap(({ spec, hidden }) => [spec.name, hidden]), ...markers(shape)];
  const undroppable = all.find((each) => !onMariadb && isCutWhenDropped(each));
  if (undroppable !== undefined) findings.push(cutWhenDropped(name, undroppable));
  if (unwritable !== undefined)
    findings.push(
      refuse(
        "name-reserved",
        "column",
        `${name}.${unwritable}`,
        `The server stores no trigger that names ${JSON.stringify(unwritable)}: a backtick beside a letter that is not ASCII (error 3507).`,
        leaving.includes(unwritable) ? "Give the column another name first, by a migration of your own." : "Choose another name.",
      ),
    );
  const made = madeAnew(table, shape, version, exchanged);
  const stored = table.columns.find((column) => onMariadb && column.generated?.kind === "stored");
  const spatial = table.indexes.find(({ method }) => method === "spatial");
  const why = stored ? `the stored generated column ${stored.name}` : spatial ? `the SPATIAL index ${spatial.name}` : null;
  if (made !== null && why !== null)
    findings.push(
      refuse(
        "blocks-while-working",
        stored ? "column" : "index",
        `${name}.${stored?.name ?? spatial?.name}`,
        `${name} has ${why}: the server lets nobody write while it makes such a table anew, as it does for ${made}.`,
        "Leave the column as it is and have your code give values; or change the table when nobody writes, by a migration of your own.",
      ),
    );
  if (table.options["system versioning"] === "yes")
    findings.push(
      refuse(
        "unmodelled-dependant",
        "table",
        name,
        `${name} is system-versioned: each row that is filled would get a row of history that nobody wrote, and a column that is dropped goes from the history too, of which there is no archive.`,
        "Change the table by a migration of your own, with set statement system_versioning_alter_history = keep for alter table …; or drop the versioning first.",
      ),
    );
  for (const { column } of olds)
    if (
      column.attributes["on update"] !== undefined &&
      shape.links.some((link) => link.kind === "transform" && link.old.some((old) => old.name === column.name))
    )
      findings.push(
        refuse(
          "generated-column",
          "column",
          `${name}.${column.name}`,
          `${column.name} has ON UPDATE CURRENT_TIMESTAMP: whether the server sets it is decided after the triggers, so nothing can be computed from it.`,
          "Rename it, or take the clause away first and set the column in your code.",
        ),
      );
  for (const { column } of olds)
    if (column.identity)
      findings.push(
        refuse(
          "generated-column",
          "column",
          `${name}.${column.name}`,
          `${column.name} is AUTO_INCREMENT: the server gives its value after the triggers, so they cannot keep a second column in step.`,
          "Widen it in place, or fill a new key by a migration of your own.",
        ),
      );
  if (table.partitionKey?.columns.some((column) => leaving.includes(column)))
    findings.push(
      refuse(
        "partition-key",
        "table",
        name,
        `${leaving.join(", ")} is in the partition key of ${name}; its rows would have to move.`,
        "Create a new partitioned table and move the rows into it.",
      ),
    );
  return findings;
}

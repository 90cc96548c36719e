// Links of operations become links of physical columns.

import { Problem } from "../../../problem.ts";
import { keyOf } from "../../../schema/names.ts";
import type { Expression, Link } from "../../../step/shape.ts";
import type { Ref } from "../../sync/link.ts";
import { madeBefore, newColumnsOf, oldColumnsOf, physicalNew, physicalOld, scope } from "../../sync/naming.ts";
import { assignable, copied, fitted, isUnreadMoment } from "../types.ts";
import { readDefault } from "./default.ts";
import type { Field } from "./field.ts";
import type { SyncInput } from "./input.ts";
import type { NewField, OldField, Pair, Settled, Supply } from "./link.ts";
import { createReader, type Read, type Reader } from "./reader.ts";

type Sides = Pick<Pair, "old" | "new">;

/** Links with something for a trigger to do, in their order. @throws Problem `generated-column`, `partition-key`. */
export function settle(input: SyncInput): readonly Settled[] {
  const reader = createReader(input);
  return input.links.flatMap((link, at): readonly Settled[] => {
    switch (link.kind) {
      case "copy":
        return [copyPair(sides(link, at, input, reader), input)];
      case "transform":
        return [transformPair(link, at, input, reader)];
      case "supply": {
        const name = scope(input.links, at, "up", input.stage).get(link.column) ?? link.column;
        return link.fill ? [supply({ name, on: "write", required: link.notNull }, link.fill, at, input, reader)] : [];
      }
      case "leave": {
        const name = physicalOld(input.links, at, link.old, input.stage);
        return link.supply ? [supply({ name, on: "insert", required: false }, link.supply, at, input, reader, input.standIns[link.old.name] ?? null)] : [];
      }
    }
  });
}

function sides(link: Link, at: number, input: SyncInput, reader: Reader): Sides {
  const old = oldColumnsOf(link).map((column): OldField => {
    const field = reader.field(physicalOld(input.links, at, column, input.stage));
    const made = madeBefore(input.links, at, column.name);
    // What an earlier link of the chain makes: its sentinel means "not given", as on that link's own new side.
    if (made) return { ...field, default: field.sentinel === null ? { kind: "none" } : { kind: "constant", text: field.sentinel }, standsIn: false };
    refuseOld(input, reader, column.name);
    const standIn = input.standIns[column.name];
    return {
      ...field,
      default: standIn === undefined ? readDefault(reader.column(column.name) ?? null) : { kind: "constant", text: standIn },
      standsIn: standIn !== undefined,
    };
  });
  const fresh = newColumnsOf(link).map((column): NewField => {
    const { type, default: text = null } = column.spec;
    if (text !== null && isUnreadMoment(type, text)) refuseMoment(input, column.spec.name, text);
    return { ...reader.field(physicalNew(input.links, at, column, input.stage)), supplied: text === null ? null : assignable(type, text) };
  });
  return { old, new: fresh };
}

function copyPair({ old, new: fresh }: Sides, input: SyncInput): Pair {
  old.forEach((field, i) => {
    if (field.onUpdate && fresh[i]?.onUpdate !== true)
      throw new TypeError(`${keyOf(input.table)}.${fresh[i]?.name} must be added with ON UPDATE CURRENT_TIMESTAMP, as ${field.name} has it`);
  });
  const values = (fields: readonly Field[]) => (ref: Ref) => fields.map(({ name, type }) => copied(type, ref(name)));
  return { kind: "pair", old, new: fresh, marker: null, up: values(old), down: values(fresh), oldWatched: old, newWatched: fresh, total: true, raises: false };
}

function transformPair(link: Link & { readonly kind: "transform" }, at: number, input: SyncInput, reader: Reader): Pair {
  const { old, new: fresh } = sides(link, at, input, reader);
  const up = reader.read(link.up, at, "up");
  const down = reader.read(link.down, at, "down");
  const besides = (read: Read, known: readonly Field[]): readonly Field[] => read.reads.filter(({ name }) => !known.some((other) => other.name === name));
  const upReads = besides(up, [...old, ...fresh]);
  const downReads = besides(down, [...old, ...fresh, ...upReads]);
  for (const { name, onUpdate } of [...old, ...fresh, ...upReads, ...downReads]) if (onUpdate) refuseOnUpdate(input, name);
  return {
    kind: "pair",
    old,
    new: fresh,
    marker: link.marker,
    up: (ref) => up.write(ref).map((value, i) => fitted(fresh[i]?.type ?? "", value)),
    down: (ref) => down.write(ref).map((value, i) => fitted(old[i]?.type ?? "", value)),
    oldWatched: [...old, ...upReads],
    newWatched: [...fresh, ...downReads],
    total: link.up.every((expression) => expression.total),
    raises: link.up.some((expression) => !expression.total) || link.new.some((column) => input.canRaise.includes(column.hidden)),
  };
}

function supply(
  of: Pick<Supply, "on" | "required"> & { readonly name: string },
  expression: Expression,
  at: number,
  input: SyncInput,
  reader: Reader,
  standIn: string | null = null,
): Supply {
  refusePartitionKey(input, of.name);
  const field = reader.field(of.name);
  const fill = reader.read([expression], at, "up");
  return {
    kind: "supply",
    field: standIn === null ? field : { ...field, sentinel: standIn },
    on: of.on,
    fill: (ref) => fitted(field.type, fill.write(ref)[0] ?? "null"),
    reads: fill.reads,
    raises: !expression.total || input.canRaise.includes(of.name),
    required: of.required,
  };
}

const subjectOf = (input: SyncInput, name: string) => ({ kind: "column", name: `${keyOf(input.table)}.${name}` });

function refuseOld(input: SyncInput, reader: Reader, name: string): void {
  const subject = subjectOf(input, name);
  const column = reader.column(name);
  if (!column) throw new TypeError(`${subject.name} is an old column of a link, and the table has no such column`);
  if (column.generated)
    throw new Problem({
      code: "generated-column",
      message: `${subject.name} is a generated column, which no trigger can write.`,
      hint: "Change the columns that its expression reads instead.",
      subject,
    });
  if (column.identity)
    throw new Problem({
      code: "generated-column",
      message: `${subject.name} is AUTO_INCREMENT: the server gives its value after the triggers, so they cannot keep a second column in step.`,
      hint: "Widen it in place, or fill a new key by a migration of your own.",
      subject,
    });
  refusePartitionKey(input, name);
}

function refuseOnUpdate(input: SyncInput, name: string): never {
  const subject = subjectOf(input, name);
  throw new Problem({
    code: "generated-column",
    message: `${subject.name} has ON UPDATE CURRENT_TIMESTAMP: whether the server sets it is decided after the triggers, so nothing can be computed from it.`,
    hint: "Rename it, or take the clause away first and set the column in your code.",
    subject,
  });
}

function refuseMoment(input: SyncInput, name: string, text: string): never {
  throw new Problem({
    code: "bad-expression",
    message: `${keyOf(input.table)}.${name} is a TIMESTAMP, and its default ${text} is another moment by the clock of each writer whose rows are kept in step.`,
    hint: "Write it as '2024-01-31 12:00:00', in UTC.",
    subject: subjectOf(input, name),
  });
}

function refusePartitionKey(input: SyncInput, name: string): void {
  if (!input.partitionKey.includes(name)) return;
  const subject = subjectOf(input, name);
  throw new Problem({
    code: "partition-key",
    message: `${subject.name} belongs to the partition key, whose type and name are part of the table's definition.`,
    hint: "Create a new partitioned table and move the rows into it.",
    subject,
  });
}

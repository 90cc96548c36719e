// Links of operations become links of physical columns.

import { Problem } from "../../../problem.ts";
import { keyOf } from "../../../schema/names.ts";
import type { Expression, Link } from "../../../step/shape.ts";
import type { Ref } from "../../sync/link.ts";
import { madeBefore, newColumnsOf, oldColumnsOf, physicalNew, physicalOld, scope } from "../../sync/naming.ts";
import { readDefault } from "./default.ts";
import type { Field } from "./field.ts";
import type { SyncInput } from "./input.ts";
import type { NewField, OldField, Pair, Settled, Supply } from "./link.ts";
import { createReader, type Read, type Reader } from "./reader.ts";

type Side = Pick<Pair, "old" | "new">;

/** Links with something for a trigger to do, in their order. @throws Problem `generated-column`, `partition-key`. */
export function settle(input: SyncInput): readonly Settled[] {
  const reader = createReader(input);
  return input.links.flatMap((link, at): readonly Settled[] => {
    switch (link.kind) {
      case "copy":
        return [copyPair(sides(link, at, input, reader))];
      case "transform":
        return [transformPair(link, at, input, reader)];
      case "supply": {
        const name = scope(input.links, at, "up", input.stage).get(link.column) ?? link.column;
        return link.fill ? [supply({ name, on: "write", required: link.notNull }, link.fill, at, input, reader)] : [];
      }
      case "leave":
        return link.supply
          ? [supply({ name: physicalOld(input.links, at, link.old, input.stage), on: "insert", required: false }, link.supply, at, input, reader)]
          : [];
    }
  });
}

function sides(link: Link, at: number, input: SyncInput, reader: Reader): Side {
  const old = oldColumnsOf(link).map((column): OldField => {
    const made = madeBefore(input.links, at, column.name);
    if (!made) refuseOld(input, reader, column.name);
    return {
      ...reader.field(physicalOld(input.links, at, column, input.stage)),
      default: made ? { kind: "none" } : readDefault(reader.column(column.name) ?? null),
    };
  });
  const fresh = newColumnsOf(link).map(
    (column): NewField => ({ ...reader.field(physicalNew(input.links, at, column, input.stage)), supplied: column.spec.default ?? null }),
  );
  return { old, new: fresh };
}

function copyPair({ old, new: fresh }: Side): Pair {
  const names = (fields: readonly Field[]) => (ref: Ref) => fields.map(({ name }) => ref(name));
  return {
    kind: "pair",
    old,
    new: fresh,
    marker: null,
    up: names(old),
    down: names(fresh),
    oldWatched: old,
    newWatched: fresh,
    raises: false,
    unsettled: false,
  };
}

function transformPair(link: Link & { readonly kind: "transform" }, at: number, input: SyncInput, reader: Reader): Pair {
  const { old, new: fresh } = sides(link, at, input, reader);
  const up = reader.read(link.up, at, "up");
  const down = reader.read(link.down, at, "down");
  const besides = (read: Read, known: readonly Field[]): readonly Field[] => read.reads.filter(({ name }) => !known.some((other) => other.name === name));
  const upReads = besides(up, [...old, ...fresh]);
  return {
    kind: "pair",
    old,
    new: fresh,
    marker: link.marker,
    up: up.write,
    down: down.write,
    oldWatched: [...old, ...upReads],
    newWatched: [...fresh, ...besides(down, [...old, ...fresh, ...upReads])],
    raises: link.up.some((expression) => !expression.total) || link.new.some((column) => input.canRaise.includes(column.hidden)),
    unsettled: up.unsettled || down.unsettled,
  };
}

function supply(of: Pick<Supply, "on" | "required"> & { readonly name: string }, expression: Expression, at: number, input: SyncInput, reader: Reader): Supply {
  refusePartitionKey(input, of.name);
  const fill = reader.read([expression], at, "up");
  return {
    kind: "supply",
    field: reader.field(of.name),
    on: of.on,
    fill: (ref) => fill.write(ref)[0] ?? "null",
    reads: fill.reads,
    raises: !expression.total || input.canRaise.includes(of.name),
    unsettled: fill.unsettled,
    required: of.required,
  };
}

const subjectOf = (input: SyncInput, name: string) => ({ kind: "column", name: `${keyOf(input.table)}.${name}` });

function refuseOld(input: SyncInput, reader: Reader, name: string): void {
  const subject = subjectOf(input, name);
  const column = reader.column(name);
  if (!column) throw new TypeError(`${subject.name} is an old column of a link, and the table has no such column`);
  if (column.generated) {
    throw new Problem({
      code: "generated-column",
      message: `${subject.name} is a generated column, which no trigger can write.`,
      hint: "Change the columns that its expression reads instead.",
      subject,
    });
  }
  refusePartitionKey(input, name);
}

function refusePartitionKey(input: SyncInput, name: string): void {
  if (!input.partitionKey.includes(name)) return;
  const subject = subjectOf(input, name);
  throw new Problem({
    code: "partition-key",
    message: `${subject.name} belongs to the partition key: a trigger that changed it would have to move the row, which PostgreSQL refuses.`,
    hint: "Create a new partitioned table and move the rows into it.",
    subject,
  });
}

// Links of operations become links of physical columns.
import { Problem } from "../../../problem.ts";
import type { Column } from "../../../schema/model.ts";
import { keyOf } from "../../../schema/names.ts";
import type { Expression, Link } from "../../../step/shape.ts";
import { readDefault } from "./default.ts";
import { type Field, inTable, type Ref } from "./field.ts";
import type { SyncInput } from "./input.ts";
import type { NewField, OldField, Pair, Settled, Supply } from "./link.ts";
import { madeBefore, newColumnsOf, oldColumnsOf, physicalNew, physicalOld, scope } from "./naming.ts";
import { printedType } from "./type.ts";

type Scope = ReadonlyMap<string, string>;

/** Expressions of one direction, read once for what they mention. */
interface Reader {
  readonly write: (ref: Ref) => readonly string[];
  /** Physical columns that they read, of the table as it is. */
  readonly reads: readonly Field[];
  /** True where the text of a generated column stands in them, which is as the server prints it: not qualified. */
  readonly inlines: boolean;
}

const isVolatile = (expressions: readonly Expression[]): boolean => expressions.some((expression) => expression.volatility !== "immutable");

/** Links with something for a trigger to do, in their order. @throws Problem `generated-column`, `partition-key`. */
export function settle(input: SyncInput): readonly Settled[] {
  const columns = new Map<string, Column>(input.columns.map((column) => [column.name, column]));
  const types = new Map<string, string>(input.columns.map((column) => [column.name, column.type]));
  input.links.forEach((link, at) => {
    for (const column of oldColumnsOf(link))
      types.set(
        physicalOld(input.links, at, column, input.stage),
        printedType(madeBefore(input.links, at, column.name)?.spec.type ?? columns.get(column.name)?.type ?? ""),
      );
    for (const column of newColumnsOf(link)) types.set(physicalNew(input.links, at, column, input.stage), printedType(column.spec.type));
  });
  const field = (name: string): Field => ({ name, type: types.get(name) ?? "" });

  const read = (expressions: readonly Expression[], names: Scope): Reader => {
    const mentioned = new Set<string>();
    let inlines = false;
    const write = (text: string, ref: Ref): string =>
      input.rewrite(text, (name) => {
        // A generated column is NULL in a BEFORE trigger: the server computes it afterwards.
        const generated = names.has(name) ? null : columns.get(name)?.generated;
        if (generated) inlines = true;
        else mentioned.add(names.get(name) ?? name);
        return generated ? `(${write(generated.expression, ref)})` : ref(names.get(name) ?? name);
      });
    const all = (ref: Ref): readonly string[] => expressions.map((expression) => write(expression.qualified, ref));
    all(inTable);
    return { write: all, reads: [...mentioned].map(field), inlines };
  };

  const pair = (link: Link & { readonly kind: "copy" | "transform" }, at: number): Pair => {
    const old = oldColumnsOf(link).map((column): OldField => {
      const made = madeBefore(input.links, at, column.name);
      if (!made) refuseOld(input, columns.get(column.name), column.name);
      return { ...field(physicalOld(input.links, at, column, input.stage)), default: made ? { kind: "none" } : readDefault(columns.get(column.name) ?? null) };
    });
    const fresh = newColumnsOf(link).map(
      (column): NewField => ({ ...field(physicalNew(input.links, at, column, input.stage)), supplied: column.spec.default ?? null }),
    );
    if (link.kind === "copy") {
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
    const up = read(link.up, scope(input.links, at, "up", input.stage));
    const down = read(link.down, scope(input.links, at, "down", input.stage));
    const own = new Set([...old, ...fresh].map(({ name }) => name));
    const besides = (reader: Reader): readonly Field[] => reader.reads.filter(({ name }) => !own.has(name));
    return {
      kind: "pair",
      old,
      new: fresh,
      marker: link.marker,
      up: up.write,
      down: down.write,
      oldWatched: [...old, ...besides(up)],
      newWatched: [...fresh, ...besides(down).filter(({ name }) => !besides(up).some((other) => other.name === name))],
      raises: link.up.some((expression) => !expression.total) || link.new.some((column) => input.canRaise.includes(column.hidden)),
      unsettled: up.inlines || down.inlines || isVolatile([...link.up, ...link.down]),
    };
  };

  const supply = (name: string, expression: Expression, at: number, on: Supply["on"], required: boolean): Supply => {
    refusePartitionKey(input, name);
    const fill = read([expression], scope(input.links, at, "up", input.stage));
    return {
      kind: "supply",
      field: field(name),
      on,
      fill: (ref) => fill.write(ref)[0] ?? "null",
      reads: fill.reads,
      raises: !expression.total || input.canRaise.includes(name),
      unsettled: fill.inlines || isVolatile([expression]),
      required,
    };
  };

  return input.links.flatMap((link, at): readonly Settled[] => {
    switch (link.kind) {
      case "copy":
      case "transform":
        return [pair(link, at)];
      case "supply": {
        if (link.adds) types.set(link.column, printedType(link.adds.type));
        const name = scope(input.links, at, "up", input.stage).get(link.column) ?? link.column;
        return link.fill ? [supply(name, link.fill, at, "write", link.notNull)] : [];
      }
      case "leave":
        return link.supply ? [supply(physicalOld(input.links, at, link.old, input.stage), link.supply, at, "insert", false)] : [];
    }
  });
}

function refuseOld(input: SyncInput, column: Column | undefined, name: string): void {
  const subject = { kind: "column", name: `${keyOf(input.table)}.${name}` };
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
  const subject = { kind: "column", name: `${keyOf(input.table)}.${name}` };
  if (input.partitionKey.includes(name)) {
    throw new Problem({
      code: "partition-key",
      message: `${subject.name} belongs to the partition key: a trigger that changed it would have to move the row, which PostgreSQL refuses.`,
      hint: "Create a new partitioned table and move the rows into it.",
      subject,
    });
  }
}

// Expressions over a table's columns: what they read, and their text wherever a row's columns stand.

import type { Column } from "../../../schema/model.ts";
import type { ColumnSpec, Expression } from "../../../step/shape.ts";
import type { Ref } from "../../sync/link.ts";
import { madeBefore, newColumnsOf, oldColumnsOf, physicalNew, physicalOld, scope } from "../../sync/naming.ts";
import { isMariadb } from "../capabilities.ts";
import { implicit } from "../types.ts";
import { type Field, inTable } from "./field.ts";
import type { SyncInput } from "./input.ts";

/** Some expressions of one direction, read once for what they mention. */
export interface Read {
  readonly write: (ref: Ref) => readonly string[];
  /** Physical columns that they read. */
  readonly reads: readonly Field[];
}

export interface Reader {
  /** As the table had it before the run. */
  column(name: string): Column | undefined;
  field(name: string): Field;
  read(expressions: readonly Expression[], at: number, direction: "up" | "down"): Read;
}

/** Every physical column of the table at this stage, but for generated ones, which hold nothing of their own. */
function fieldsOf(input: SyncInput, columns: ReadonlyMap<string, Column>): ReadonlyMap<string, Field> {
  const { links, stage } = input;
  const fields = new Map<string, Field>();
  type Known = Pick<Field, "type" | "sentinel" | "notNull"> & { readonly collation: string | null };
  const add = (name: string, more: Known, logical: string): void => {
    fields.set(name, {
      name,
      ...more,
      collation: more.collation ?? input.collation,
      onUpdate: input.onUpdate.includes(logical),
      implicit: implicit(more.type, isMariadb(input.version)),
    });
  };
  const known = ({ type, collation, notNull, identity }: Column): Known => ({ type, collation, sentinel: null, notNull: notNull && identity === null });
  // A new column without a sentinel may hold NULL until retire.
  const fresh = ({ type, collation }: ColumnSpec, name: string): Known => {
    const sentinel = input.sentinels[name] ?? null;
    return { type, collation: collation ?? null, sentinel, notNull: sentinel !== null };
  };
  for (const column of input.columns) add(column.name, known(column), column.name);
  links.forEach((link, at) => {
    for (const column of oldColumnsOf(link)) {
      const made = madeBefore(links, at, column.name);
      const was = columns.get(column.name);
      const name = physicalOld(links, at, column, stage);
      if (made) add(name, fresh(made.spec, made.hidden), made.hidden);
      else if (was) add(name, known(was), was.name);
    }
    for (const column of newColumnsOf(link)) add(physicalNew(links, at, column, stage), fresh(column.spec, column.hidden), column.hidden);
    if (link.kind === "supply" && link.adds) add(link.column, fresh(link.adds, link.column), link.column);
  });
  return fields;
}

const unknown = { type: "", sentinel: null, notNull: false, onUpdate: false, implicit: null };

export function createReader(input: SyncInput): Reader {
  const columns = new Map<string, Column>(input.columns.map((column) => [column.name, column]));
  const fields = fieldsOf(input, columns);
  const field = (name: string): Field => fields.get(name) ?? { ...unknown, name, collation: input.collation };

  const read: Reader["read"] = (expressions, at, direction) => {
    const names = scope(input.links, at, direction, input.stage);
    const mentioned = new Set<string>();
    const write = (text: string, ref: Ref): string =>
      input.rewrite(text, (name) => {
        // A generated column may still hold the old row's value in a BEFORE trigger, and MySQL's triggers may not name it.
        const generated = names.has(name) ? null : columns.get(name)?.generated;
        if (!generated) mentioned.add(names.get(name) ?? name);
        return generated ? `(${write(generated.expression, ref)})` : ref(names.get(name) ?? name);
      });
    const all = (ref: Ref): readonly string[] => expressions.map((expression) => write(expression.qualified, ref));
    all(inTable);
    return { write: all, reads: [...mentioned].map(field) };
  };
  return { column: (name) => columns.get(name), field, read };
}

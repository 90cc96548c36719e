// Expressions over a table's columns: what they read, and their text wherever a row's columns stand.

import type { Column } from "../../../schema/model.ts";
import type { Expression } from "../../../step/shape.ts";
import type { Ref } from "../../sync/link.ts";
import { madeBefore, newColumnsOf, oldColumnsOf, physicalNew, physicalOld, scope } from "../../sync/naming.ts";
import { type Field, inTable } from "./field.ts";
import type { SyncInput } from "./input.ts";
import { printedType } from "./type.ts";

/** Some expressions of one direction, read once for what they mention. */
export interface Read {
  readonly write: (ref: Ref) => readonly string[];
  /** Physical columns that they read. */
  readonly reads: readonly Field[];
  /** True where they must not be evaluated under a writer's settings. */
  readonly unsettled: boolean;
}

export interface Reader {
  /** As the table had it before the run. */
  column(name: string): Column | undefined;
  field(name: string): Field;
  read(expressions: readonly Expression[], at: number, direction: "up" | "down"): Read;
}

function typesOf(input: SyncInput, columns: ReadonlyMap<string, Column>): ReadonlyMap<string, string> {
  const { links, stage } = input;
  const types = new Map<string, string>(input.columns.map((column) => [column.name, column.type]));
  links.forEach((link, at) => {
    for (const column of oldColumnsOf(link)) {
      const type = madeBefore(links, at, column.name)?.spec.type ?? columns.get(column.name)?.type ?? "";
      types.set(physicalOld(links, at, column, stage), printedType(type));
    }
    for (const column of newColumnsOf(link)) types.set(physicalNew(links, at, column, stage), printedType(column.spec.type));
    if (link.kind === "supply" && link.adds) types.set(link.column, printedType(link.adds.type));
  });
  return types;
}

export function createReader(input: SyncInput): Reader {
  const columns = new Map<string, Column>(input.columns.map((column) => [column.name, column]));
  const types = typesOf(input, columns);
  const field = (name: string): Field => ({ name, type: types.get(name) ?? "" });

  const read: Reader["read"] = (expressions, at, direction) => {
    const names = scope(input.links, at, direction, input.stage);
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
    // The text of a generated column is as the server prints it, not qualified.
    return { write: all, reads: [...mentioned].map(field), unsettled: inlines || expressions.some(({ volatility }) => volatility !== "immutable") };
  };
  return { column: (name) => columns.get(name), field, read };
}

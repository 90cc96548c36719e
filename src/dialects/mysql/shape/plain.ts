// A shape on a table that is new or empty. Nothing here is one transaction: each statement commits by itself.
import { derivedName, hiddenPrefix } from "../../../schema/names.ts";
import type { Link } from "../../../step/shape.ts";
import type { Template } from "../../../step/step.ts";
import { bodyWith } from "../index-steps.ts";
import { at, column, defined, definitionFrom, definitionOf } from "../writing.ts";
import type { ShapeContext } from "./context.ts";
import { finalDefinition } from "./definitions.ts";

export interface Plain {
  readonly statements: readonly Template[];
  readonly undo: readonly Template[] | null;
}

/** Rows are filled too: one may have come since somebody looked. */
function linkStatements(context: ShapeContext, link: Link): Plain {
  const { table } = context;
  const alter = (what: string): Template => `alter table ${at(table.name)} ${what}`;
  switch (link.kind) {
    case "copy":
      return {
        statements: [alter(`rename column ${column(link.old.name)} to ${column(link.new.spec.name)}`)],
        undo: [alter(`rename column ${column(link.new.spec.name)} to ${column(link.old.name)}`)],
      };
    case "supply": {
      const known = table.columns.find(({ name }) => name === link.column);
      const target = link.adds ? definitionFrom(link.adds) : known ? definitionOf(table, known) : null;
      if (target === null) throw new TypeError(`${link.column} is not in the table`);
      const add = link.adds ? [alter(`add column ${defined(link.column, { ...target, notNull: false, default: null })}`)] : [];
      const fill = link.fill ? [`update ${at(table.name)} set ${column(link.column)} = (${link.fill.qualified}) where ${column(link.column)} is null`] : [];
      return {
        statements: [...add, ...fill, alter(`modify column ${defined(link.column, { ...target, notNull: link.notNull || target.notNull })}`)],
        undo: link.adds
          ? [alter(`drop column ${column(link.column)}`)]
          : known
            ? [alter(`modify column ${defined(link.column, definitionOf(table, known))}`)]
            : null,
      };
    }
    case "leave":
      return { statements: [...dropIndexes(context, [link.old.name]), alter(`drop column ${column(link.old.name)}`)], undo: null };
    case "transform": {
      const temporary = (name: string): string => derivedName([`${hiddenPrefix}new`, name], 64);
      return {
        statements: [
          alter(
            link.new
              .map((fresh) => `add column ${defined(temporary(fresh.spec.name), { ...finalDefinition(context, fresh), notNull: false, default: null })}`)
              .join(", "),
          ),
          `update ${at(table.name)} set ${link.new.map((fresh, i) => `${column(temporary(fresh.spec.name))} = (${link.up[i]?.qualified})`).join(", ")}`,
          ...dropIndexes(
            context,
            link.old.map(({ name }) => name),
          ),
          alter(link.old.map(({ name }) => `drop column ${column(name)}`).join(", ")),
          alter(
            link.new
              .map((fresh) => `change column ${column(temporary(fresh.spec.name))} ${defined(fresh.spec.name, finalDefinition(context, fresh))}`)
              .join(", "),
          ),
        ],
        undo: null,
      };
    }
  }
}

/** Before their column, or the server would keep a piece of an index over several. */
const dropIndexes = (context: ShapeContext, names: readonly string[]): readonly Template[] =>
  context.analysis.leaving
    .filter((index) => index.mentions.some((name) => names.includes(name)))
    .map((index) => `alter table ${at(context.table.name)} drop index if exists ${column(index.name)}`);

export function plainShape(context: ShapeContext): Plain {
  const parts = context.shape.links.map((link) => linkStatements(context, link));
  const renamed = context.shape.links.every((link) => link.kind === "copy" || link.kind === "supply");
  // An index follows a column that is only renamed.
  const made = renamed
    ? []
    : context.analysis.copies.map((copy) => {
        const { unique, body } = bodyWith(copy.original, copy.shown);
        return `alter table ${at(context.table.name)} add ${unique ? "unique " : ""}index if not exists ${column(copy.original.name)} ${body}`;
      });
  const undo = parts.every((part) => part.undo !== null) ? parts.toReversed().flatMap((part) => part.undo ?? []) : null;
  return { statements: [...parts.flatMap((part) => part.statements), ...made], undo };
}

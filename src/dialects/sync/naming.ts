// Which physical column a logical name means at a stage, seen from one link of a chain.
import type { Link, NewColumn, OldColumn } from "../../step/shape.ts";

/** Which physical names the columns bear: those from expand to switch, or those from switch on. */
export type Stage = "expanded" | "switched";

export const oldColumnsOf = (link: Link): readonly OldColumn[] => (link.kind === "transform" ? link.old : link.kind === "supply" ? [] : [link.old]);
export const newColumnsOf = (link: Link): readonly NewColumn[] => (link.kind === "transform" ? link.new : link.kind === "copy" ? [link.new] : []);

/** The new column of an earlier link that link `at` takes as its old one. */
export const madeBefore = (links: readonly Link[], at: number, name: string): NewColumn | undefined =>
  links
    .slice(0, at)
    .flatMap(newColumnsOf)
    .findLast((made) => made.spec.name === name);

export function physicalOld(links: readonly Link[], at: number, column: OldColumn, stage: Stage): string {
  if (stage === "switched") return column.parked;
  return madeBefore(links, at, column.name)?.hidden ?? column.name;
}

export function physicalNew(links: readonly Link[], at: number, column: NewColumn, stage: Stage): string {
  if (stage === "expanded") return column.hidden;
  // A later link may have taken the name in its turn.
  const next = links
    .slice(at + 1)
    .flatMap(oldColumnsOf)
    .find((later) => later.name === column.spec.name);
  return next?.parked ?? column.spec.name;
}

/** Every name that a link's expressions may use, with the physical column it means: `up` reads the shape before the link, `down` the one after. */
export function scope(links: readonly Link[], at: number, direction: "up" | "down", stage: Stage): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  links.forEach((link, i) => {
    for (const column of oldColumnsOf(link)) if (!names.has(column.name)) names.set(column.name, physicalOld(links, i, column, stage));
  });
  links.slice(0, direction === "up" ? at : at + 1).forEach((link, i) => {
    for (const column of newColumnsOf(link)) {
      const physical = physicalNew(links, i, column, stage);
      names.set(column.hidden, physical).set(column.spec.name, physical);
    }
  });
  return names;
}

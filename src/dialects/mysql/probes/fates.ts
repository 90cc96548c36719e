// What becomes of the names in one ALTER. All of its actions happen at once: what they take away means the table before, what they bring the
// table after, in whatever order they are written.
import type { Part } from "./catalog.ts";

/** A name that is another's, or nobody's, when the statement is over. */
export interface Fate {
  readonly part: Part;
  readonly name: string;
  readonly comes: boolean;
  readonly goes: boolean;
  /** The server refuses the statement where the name is not as it has to be; not so behind IF [NOT] EXISTS. */
  readonly sure: boolean;
  /** Nobody can tell how it ends. */
  readonly open: boolean;
}

const keyOf = (part: Part, name: string): string => `${part} ${name.toLowerCase()}`;

export class Fates {
  private readonly all = new Map<string, Fate>();
  /** Names that the server gives to indexes that have none: that of a column, or with a number behind it. */
  private readonly given = new Set<string>();

  private note(part: Part, name: string, change: Partial<Fate>): void {
    const known = this.all.get(keyOf(part, name)) ?? { part, name, comes: false, goes: false, sure: true, open: false };
    this.all.set(keyOf(part, name), { ...known, ...change, sure: known.sure && change.sure !== false, open: known.open || change.open === true });
  }

  comes(part: Part, name: string, sure = true): void {
    this.note(part, name, { comes: true, sure });
  }

  goes(part: Part, name: string, sure = true): void {
    this.note(part, name, { goes: true, sure });
  }

  leavesOpen(part: Part, name: string): void {
    this.note(part, name, { open: true });
  }

  /** An index comes whose name the server makes of this one. */
  givesIndex(name: string): void {
    this.given.add(name.toLowerCase());
  }

  has(part: Part, name: string, what: "comes" | "goes"): boolean {
    return this.all.get(keyOf(part, name))?.[what] === true;
  }

  /** Taken away and brought back: it is there before and after. */
  isExchanged(part: Part, name: string): boolean {
    return this.has(part, name, "comes") && this.has(part, name, "goes");
  }

  /** DROP CONSTRAINT does not say what it drops, so whatever comes under that name may have been there. */
  private isDroppedConstraint({ part, name }: Fate): boolean {
    if (part === "column" || part === "partitions") return false;
    return this.has("constraint", name, "goes") && (["index", "foreign key", "check"] as const).some((each) => this.has(each, name, "comes"));
  }

  private isGiven({ part, name }: Fate): boolean {
    const lower = name.toLowerCase();
    return (part === "index" || part === "constraint") && (this.given.has(lower) || this.given.has(lower.replace(/_\d+$/, "")));
  }

  /** Names that are there, or gone, because of the statement. */
  get changed(): readonly Fate[] {
    return [...this.all.values()].filter((fate) => fate.comes !== fate.goes && !fate.open && !this.isDroppedConstraint(fate) && !this.isGiven(fate));
  }

  /** Whether some name is there before and after, and may mean something else. */
  get exchanges(): boolean {
    return [...this.all.values()].some((fate) => (fate.comes && fate.goes) || this.isDroppedConstraint(fate));
  }
}

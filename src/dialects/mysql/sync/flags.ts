// The flag of a table whose names swap. Two columns that hold 1 and 0 in every row are renamed into each other in the same ALTER as the
// columns of the shapes, so the triggers, which read one of them by name, turn round in the same atomic act and are not touched.

import type { Template } from "../../../step/step.ts";
import { touched } from "../../sync/link.ts";
import { newColumnsOf, oldColumnsOf } from "../../sync/naming.ts";
import { capabilities } from "../capabilities.ts";
import { quoteName } from "../quoting.ts";
import { inNew } from "./field.ts";
import type { SyncInput } from "./input.ts";
import { settle } from "./settle.ts";

export const flags = { expanded: "hotstick_a", switched: "hotstick_b" } as const;

export const isExpanded = `${inNew(flags.expanded)} = 1`;

/** True where a column of the new shape takes a name of the old one at switch. */
export const swaps = (input: Pick<SyncInput, "links">): boolean =>
  input.links.some(
    (link) => oldColumnsOf(link).some((old) => old.parked !== old.name) || newColumnsOf(link).some((column) => column.hidden !== column.spec.name),
  );

const names = (input: SyncInput): string =>
  [
    ...new Set(
      settle(input)
        .flatMap(touched)
        .map(({ name }) => name),
    ),
  ]
    .sort()
    .join(", ");

/**
 * A trigger names columns of both stages, and a name that is not there fails the writer (error 1054); so what steps aside must take the
 * name that what comes leaves free.
 * @throws TypeError where it does not.
 */
export function checkSwap(input: SyncInput): void {
  const [before, after] = [names({ ...input, stage: "expanded" }), names({ ...input, stage: "switched" })];
  if (before !== after) throw new TypeError(`the two stages must use the same names: ${before}; ${after}`);
}

interface Rename {
  readonly from: string;
  readonly to: string;
}

/** All renames of the switch, flag included; the walk back is the same with from and to exchanged. */
export function renames(input: Pick<SyncInput, "links">): readonly Rename[] {
  if (!swaps(input)) return [];
  const aside = input.links.flatMap(oldColumnsOf).map(({ name, parked }) => ({ from: name, to: parked }));
  const up = input.links.flatMap(newColumnsOf).map(({ hidden, spec }) => ({ from: hidden, to: spec.name }));
  const turned = [
    { from: flags.expanded, to: flags.switched },
    { from: flags.switched, to: flags.expanded },
  ];
  const unique = new Map([...aside, ...up].filter(({ from, to }) => from !== to).map((one) => [`${one.from} ${one.to}`, one]));
  return [...unique.values(), ...turned];
}

const at = (input: Pick<SyncInput, "table">): string => quoteName([input.table.schema, input.table.name]);

/** A statement of its own: a virtual column cannot be added together with others (error 1846). */
export function addFlags(input: Pick<SyncInput, "table" | "version">): Template {
  const define = (value: number): string =>
    capabilities(input.version).flags === "virtual" ? `tinyint as (${value}) virtual invisible` : `tinyint not null default ${value} invisible`;
  return `alter table ${at(input)} add column ${quoteName([flags.expanded])} ${define(1)}, add column ${quoteName([flags.switched])} ${define(0)}, algorithm=instant`;
}

export const dropFlags = (input: Pick<SyncInput, "table">): Template =>
  `alter table ${at(input)} drop column ${quoteName([flags.expanded])}, drop column ${quoteName([flags.switched])}, algorithm=instant`;

/**
 * The switch as one ALTER.
 * @param clause what is done to one column; a caller that also shows and hides columns gives `change …` with their definitions.
 */
export const turn = (
  input: Pick<SyncInput, "table" | "links">,
  direction: "there" | "back",
  clause: (from: string, to: string) => string = (from, to) => `rename column ${quoteName([from])} to ${quoteName([to])}`,
): Template =>
  `alter table ${at(input)} ${renames(input)
    .map(({ from, to }) => (direction === "there" ? clause(from, to) : clause(to, from)))
    .join(", ")}, algorithm=instant`;

// What operations make or change whose definition only the server can say: a change of shape must read it before it can carry it over.
import type { Capabilities } from "../dialects/dialect.ts";
import type { Finding } from "../finding.ts";
import type { Operation } from "../operations/operation.ts";
import type { StatementFact } from "../schema/facts.ts";
import { keyOf, parseName } from "../schema/names.ts";
import { type Phase, phaseIndex } from "../step/phase.ts";

/** Operations that make something which hangs on columns. */
export const makes: ReadonlySet<string> = new Set(["create-table", "add-index"]);
/** Operations that carry over what hangs on columns. */
export const reshapes: ReadonlySet<string> = new Set(["rename-column", "transform", "drop-column", "set-not-null"]);

/** What became of a table's columns in the operations so far. */
interface Columns {
  readonly added: Set<string>;
  /** Made from others, so that both live until the drop. */
  readonly shaped: Set<string>;
  readonly renamed: Set<string>;
  /** The same, with a marker of its own. */
  readonly transformed: Set<string>;
  readonly leaving: Set<string>;
  /** Changed under their own names. */
  readonly swapped: Set<string>;
  readonly required: Set<string>;
}

/** The columns that an operation takes as they are, and those that it makes. */
function reach(operation: Operation): { readonly takes: readonly string[]; readonly makes: readonly string[] } {
  switch (operation.kind) {
    case "rename-column":
      return { takes: [operation.from], makes: [operation.to] };
    case "transform":
      return { takes: operation.from, makes: operation.to.map((column) => column.name) };
    case "drop-column":
    case "set-not-null":
      return { takes: [operation.column], makes: [] };
    case "add-column":
      return { takes: [], makes: [operation.column.name] };
    case "add-index":
      return { takes: operation.keys.flatMap((key) => key.column ?? []), makes: [] };
    default:
      return { takes: [], makes: [] };
  }
}

/** Statements of a user's own that hang something on columns, or change them. */
const hangs = /^(alter table|create( unique)? index|create trigger)$/;

/** An ALTER that does more than to add. */
const altersColumn = /^\s*alter\b.*\b(alter|modify|change|drop|rename)\b/is;

/** What takes a table's name away: DROP, RENAME TABLE, and an ALTER that renames to one name, with or without TO. */
const takesTable = (what: string, text: string): boolean =>
  /^(drop|rename) table$/.test(what) || (what === "alter table" && /\brename\s+(?:(?:to|as)\s+|=\s*)?[^\s,;]+\s*(?:[,;]|$)/i.test(text));

const madeInSamePlan = (table: string, what: string, reason: string): Finding => ({
  rule: "made-in-same-plan",
  severity: "refuse",
  subject: { kind: "table", name: table },
  message: `${what} comes after an operation that ${reason}`,
  fix: "Put the change into a migration of its own: hotstick up applies one after the other. Or write what you want in the end at once.",
});

/** Whether a text says a name, in whatever quotes. Taken for one too often it costs a migration of its own. */
function says(text: string, name: string): boolean {
  const escaped = name.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`(?<![\\p{L}\\p{N}_$])${escaped}(?![\\p{L}\\p{N}_$])`, "iu").test(text);
}

/** What was found out about a statement; undefined where nobody asked yet. */
export type Statements = (text: string) => StatementFact | undefined;

/** Follows the operations of one plan in order. */
export class Made {
  private readonly can: Pick<Capabilities, "exchangesNames">;
  private readonly tables = new Set<string>();
  private readonly columns = new Map<string, Columns>();
  /** Tables whose rows later phases go on to fill or check under their names. */
  private readonly shaped = new Set<string>();

  constructor(can: Pick<Capabilities, "exchangesNames">) {
    this.can = can;
  }

  /** The refusals of an operation that would need to read what an earlier one of the same plan has yet to make. */
  follow(operation: Operation, namespace: string, statements: Statements): readonly Finding[] {
    if (operation.kind === "sql") return operation.statements.flatMap((text) => this.written(text, operation.phase, namespace, statements));
    if (!("table" in operation)) return [];
    const table = keyOf(parseName(operation.table, namespace));
    const columns = this.columnsOf(table);
    const reason = this.refused(operation, table, columns);
    if (makes.has(operation.kind)) this.tables.add(table);
    if (reshapes.has(operation.kind) || (operation.kind === "add-column" && operation.fill !== undefined)) this.shaped.add(table);
    this.note(operation, columns);
    if (reason === null) return [];
    return [madeInSamePlan(table, `${operation.kind} of ${table}`, reason)];
  }

  /** A statement that names a column of which there are two until retire, or which is gone from then on. */
  private written(text: string, phase: Phase, namespace: string, statements: Statements): readonly Finding[] {
    const fact = statements(text);
    if (!fact?.ok) return [];
    const takes = takesTable(fact.what, text) && phase !== "drop";
    if (!takes && !hangs.test(fact.what)) return [];
    const ended = phaseIndex(phase) >= phaseIndex("retire");
    const line = text.trim().replaceAll(/\s+/g, " ");
    return fact.tables.flatMap(({ schema, name }) => {
      const table = keyOf({ schema: schema ?? namespace, name });
      const columns = this.columns.get(table);
      const reason =
        takes && this.shaped.has(table)
          ? `changes the shape of ${table}, and goes on to use it under that name until drop is done.`
          : columns && hangs.test(fact.what)
            ? this.spoken(text, ended, columns)
            : null;
      return reason === null ? [] : [madeInSamePlan(table, `"${line.length > 60 ? `${line.slice(0, 57)}…` : line}"`, reason)];
    });
  }

  private spoken(text: string, ended: boolean, { leaving, swapped, renamed, shaped }: Columns): string | null {
    const among = (names: ReadonlySet<string>): string | undefined => [...names].find((name) => says(text, name));
    const gone = among(leaving);
    if (gone !== undefined) return `takes ${gone} away; what hangs on it goes with it, and from retire on nothing has that name.`;
    if (ended) return null;
    const turned = among(swapped);
    if (turned !== undefined) return `changes ${turned} under its own name, which means the old column until switch.`;
    const exchanged = this.can.exchangesNames ? among(renamed) : undefined;
    if (exchanged !== undefined) return `renames a column to ${exchanged}; until retire that is a second column, which goes in the end.`;
    const filled = altersColumn.test(text) ? among(shaped) : undefined;
    return filled === undefined ? null : `makes ${filled}, which is kept in step with another column until retire and must stay as it is.`;
  }

  private columnsOf(table: string): Columns {
    const known = this.columns.get(table) ?? {
      added: new Set(),
      shaped: new Set(),
      renamed: new Set(),
      transformed: new Set(),
      leaving: new Set(),
      swapped: new Set(),
      required: new Set(),
    };
    this.columns.set(table, known);
    return known;
  }

  private refused(operation: Operation, table: string, { added, shaped, renamed, transformed, leaving, swapped, required }: Columns): string | null {
    const { takes, makes: made } = reach(operation);
    const among = (names: readonly string[], set: ReadonlySet<string>): string | undefined => names.find((name) => set.has(name));
    const reshaped = reshapes.has(operation.kind);
    if (reshaped && this.tables.has(table)) return "creates or indexes it; what hangs on its columns can be read only when that is done.";
    const fresh = reshaped ? among(takes, added) : undefined;
    if (fresh !== undefined) return `adds ${fresh}, which is not there yet.`;
    const taken = among(
      made.filter((name) => !takes.includes(name)),
      leaving,
    );
    if (taken !== undefined) return `takes ${taken} away; the old column keeps that name until retire.`;
    const turned = among(takes, swapped);
    if (turned !== undefined) return `changes ${turned} under its own name, which means the old column until switch.`;
    const twice = among(
      made.filter((name) => takes.includes(name)),
      transformed,
    );
    if (twice !== undefined) return `makes ${twice}, and would change it once more under its own name.`;
    const rule = reshaped ? among(takes, required) : undefined;
    if (rule !== undefined) return `forbids NULL in ${rule}; the constraint can be read only when that is done.`;
    const exchanged = this.can.exchangesNames && operation.kind === "add-index" ? among(takes, renamed) : undefined;
    if (exchanged !== undefined)
      return `renames a column to ${exchanged}; until that is done, the index would be built over a second column that goes in the end.`;
    const filled = operation.kind === "set-not-null" ? among(takes, shaped) : undefined;
    return filled === undefined ? null : `makes ${filled} from another column; both would fill it, each its own way.`;
  }

  private note(operation: Operation, columns: Columns): void {
    const { takes, makes: made } = reach(operation);
    if (operation.kind === "add-column") for (const name of made) columns.added.add(name);
    if (operation.kind === "set-not-null") for (const name of takes) columns.required.add(name);
    if (operation.kind === "rename-column" || operation.kind === "transform") {
      for (const name of made) {
        columns.shaped.add(name);
        if (operation.kind === "rename-column") columns.renamed.add(name);
        if (operation.kind === "transform") columns.transformed.add(name);
        if (takes.includes(name)) columns.swapped.add(name);
      }
    }
    if (operation.kind !== "set-not-null" && operation.kind !== "add-index") for (const name of takes) if (!made.includes(name)) columns.leaving.add(name);
  }
}

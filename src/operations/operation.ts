// Every operation there is, as data.
import type { AddColumn } from "./add-column.ts";
import type { AddIndex } from "./add-index.ts";
import type { CreateTable } from "./create-table.ts";
import type { DropColumn } from "./drop-column.ts";
import type { RenameColumn } from "./rename-column.ts";
import type { RunOperation } from "./run.ts";
import type { SetNotNull } from "./set-not-null.ts";
import type { SqlOperation } from "./sql.ts";
import type { Transform } from "./transform.ts";

/** What a person wants; plain readonly JSON. */
export type Operation = CreateTable | AddColumn | DropColumn | RenameColumn | Transform | AddIndex | SetNotNull | SqlOperation | RunOperation;

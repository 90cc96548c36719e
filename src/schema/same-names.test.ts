import { expect, test } from "vitest";
import { canonical } from "./canonical.ts";
import { bareTable, emptySchema, withTable } from "./edit.ts";
import { explainDifference, fingerprint } from "./fingerprint.ts";
import type { Constraint, Schema } from "./model.ts";

const constraint = (kind: Constraint["kind"], definition: string): Constraint => ({
  name: "code",
  kind,
  columns: ["code"],
  definition,
  validated: true,
  enforced: true,
  deferrable: false,
  index: null,
  references: null,
  inherited: false,
  local: true,
  comment: null,
});
const schema = (...constraints: readonly Constraint[]): Schema => withTable(emptySchema("any", 1), { ...bareTable({ schema: "app", name: "t" }), constraints });

test("constraints of one name all count, in whatever order they come", () => {
  const [unique, check] = [constraint("unique", "UNIQUE (code)"), constraint("check", "CHECK (code > 0)")];
  expect(fingerprint(schema(unique, check))).toBe(fingerprint(schema(check, unique)));
  expect(fingerprint(schema(unique, check))).not.toBe(fingerprint(schema(unique)));
  expect(fingerprint(schema(unique, check))).not.toBe(fingerprint(schema(check)));
  expect(JSON.stringify(canonical(schema(unique, check)))).toContain("CHECK (code > 0)");
  expect(explainDifference(schema(unique), schema(unique, check)).join()).toContain("constraint code");
});

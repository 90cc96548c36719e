// Every operation: start, roll back, start again, complete, undo; the schema and the rows are compared at each turn.
import { describe, expect, test } from "vitest";
import { cases } from "../../harness/cases.ts";
import { lifecycleOf, schemaDifference, schemaOf } from "../../harness/lifecycle.ts";
import { majors } from "../../harness/majors.ts";
import { databaseFor } from "../../harness/servers.ts";

describe.each(majors)("PostgreSQL %i", (major) => {
  describe.each(cases)("$title", ({ before, operations, options, old, fresh }) => {
    test("start, back, start again, complete, undo", async (t) => {
      const db = await databaseFor(t, major);
      await db.rows(before);
      const schema = await schemaOf(db.url);
      const rows = await db.rows(old);

      const first = await lifecycleOf(db.url, operations, options);
      await first.to("backfill");
      expect(await db.rows(old)).toEqual(rows);
      await first.back("start");
      expect(schemaDifference(schema, await schemaOf(db.url))).toEqual([]);
      expect(await db.rows(old)).toEqual(rows);

      const second = await lifecycleOf(db.url, operations, { ...options, name: "again" });
      await second.to("switch");
      await second.back("backfill");
      await second.to("retire");
      await second.back("switch");
      await second.to("drop");
      const after = await schemaOf(db.url);
      if (fresh) expect(await db.rows(fresh.select)).toEqual(fresh.rows);
      await second.undo("switch");
      await second.back("start");
      expect(schemaDifference(schema, await schemaOf(db.url))).toEqual([]);
      expect(await db.rows(old)).toEqual(rows);

      const third = await lifecycleOf(db.url, operations, { ...options, name: "third" });
      await third.to("drop");
      expect(schemaDifference(after, await schemaOf(db.url))).toEqual([]);
    });

    test("the plain form ends in the same schema", async (t) => {
      const phased = await databaseFor(t, major);
      await phased.rows(before);
      await (await lifecycleOf(phased.url, operations, options)).to("drop");
      const plain = await databaseFor(t, major);
      await plain.rows(before);
      await (await lifecycleOf(plain.url, operations, { ...options, mode: "plain" })).to("drop");
      expect(schemaDifference(await schemaOf(phased.url), await schemaOf(plain.url))).toEqual([]);
      if (fresh) expect(await plain.rows(fresh.select)).toEqual(fresh.rows);
    });
  });
});

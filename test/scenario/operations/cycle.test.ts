// Every operation: start, roll back, start again, complete, undo; the schema and the rows are compared at each turn.
import { describe, expect, test } from "vitest";
import { lifecycleOf, schemaDifference, schemaOf } from "../../harness/lifecycle.ts";
import { newest } from "../../harness/majors.ts";
import { operationStands, withDatabase } from "../../harness/operation-stands.ts";
import { ended } from "../../harness/seen.ts";

const everything = process.env["HOTSTICK_SCOPE"] === "all";

/** All on the newest PostgreSQL, else every third in the usual run; the matrix and the pairs meet the others' kinds. */
const casesOf = ({ cases, major }: (typeof operationStands)[number][1]) => (everything || major === newest ? cases : cases.filter((__, i) => i % 3 === 0));

describe.each(operationStands)("%s", (_, stand) => {
  describe.each(casesOf(stand))("$title", ({ before, operations, options, old, fresh }) => {
    test("start, back, start again, complete, undo", async (t) => {
      const db = await stand.databaseFor(t);
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
      const after = (await ended(db.url, db.namespace)).schema;
      if (fresh) expect(await db.rows(fresh.select)).toEqual(fresh.rows);
      await second.undo("switch");
      await second.back("start");
      expect(schemaDifference(schema, await schemaOf(db.url))).toEqual([]);
      expect(await db.rows(old)).toEqual(rows);

      const third = await lifecycleOf(db.url, operations, { ...options, name: "third" });
      await third.to("drop");
      expect(schemaDifference(after, (await ended(db.url, db.namespace)).schema)).toEqual([]);
    });

    // Where there is one server only, random lists and pairs of operations compare the two forms in the usual run.
    test.runIf(everything || stand.major !== null)("the plain form ends in the same schema, with the same rows", async () => {
      const endOf = (mode: "phased" | "plain") =>
        withDatabase(stand, before, async ({ url, namespace, rows }) => {
          await (await lifecycleOf(url, operations, { ...options, mode })).to("drop");
          if (fresh) expect(await rows(fresh.select)).toEqual(fresh.rows);
          return ended(url, namespace);
        });
      const [phased, plain] = [await endOf("phased"), await endOf("plain")];
      expect(schemaDifference(phased.schema, plain.schema)).toEqual([]);
      expect(plain.rows).toEqual(phased.rows);
    });
  });
});

// Changes of columns under traffic.
import { describe, test } from "vitest";
import { majors } from "../../harness/majors.ts";
import { cases } from "./cases.ts";
import { walk } from "./walk.ts";

const all = process.env["HOTSTICK_SCOPE"] === "all";
const chosen = all ? Object.values(cases) : [cases.split, cases.rename];

describe.each(majors)("PostgreSQL %i", (major) => {
  test.for(chosen)("$title while both versions work", { timeout: 300_000 }, (it, t) => walk(t, major, it, 1));
});

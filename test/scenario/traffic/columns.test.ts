// Changes of columns under traffic.
import { describe, test } from "vitest";
import { type RunStand, runStands } from "../../harness/run-stands.ts";
import { cases } from "./cases.ts";
import { walk } from "./walk.ts";

const all = process.env["HOTSTICK_SCOPE"] === "all";

const chosen = ({ engine }: RunStand) =>
  (all ? Object.values(cases) : [cases.split, cases.rename]).filter((it) => engine === "postgres" || it.mariadb !== undefined);

describe.each(runStands)("%s", (_, stand) => {
  test.for(chosen(stand))("$title while both versions work", { timeout: 300_000 }, (it, t) => walk(t, stand, it, 1));
});

// What cannot be right is said before anything is touched: no run, no column, no trigger.
import { describe, expect, test } from "vitest";
import { plan } from "../../../src/app/plan.ts";
import { start } from "../../../src/app/start.ts";
import type { Operation } from "../../../src/operations/operation.ts";
import { startReplica } from "../../../src/sandbox/postgres/replica.ts";
import { type AppDatabase, type AppStand, appStands } from "../../harness/app-stands.ts";
import { schemaDifference, schemaOf } from "../../harness/lifecycle.ts";
import { ownServerFor } from "../../harness/servers.ts";
import { caught, projectFor, script } from "../app/project.ts";

const usersFor = (stand: AppStand): string => `
  create table users (id int primary key, name ${stand.text()} not null, größe numeric, email ${stand.text()} unique);
  insert into users select g, concat('Ada ', g), g, concat(g, '@x') from ${stand.series(50)};
  create table taken (x int)`;

const split = (up: string, own: object = {}): object => ({
  kind: "transform",
  table: "users",
  from: ["name"],
  to: [{ name: "first", type: "varchar(100)", up }],
  down: { name: "first" },
  ...own,
});

interface Refusal {
  readonly title: string;
  readonly before?: string;
  readonly operations: readonly object[];
  readonly rule: string;
  /** Part of what is said. */
  readonly says: RegExp;
  /** What is different there; null where there is no such thing. */
  readonly mariadb?: Partial<Refusal> | null;
}

const refusals: readonly Refusal[] = [
  {
    title: "an expression that does not parse",
    operations: [split("split_part(name, ' ', ")],
    rule: "bad-expression",
    says: /end of input/,
    mariadb: { operations: [split("substring_index(name, ' ', ")], says: /ends|end of/ },
  },
  {
    title: "an expression of another type",
    operations: [split("1.5", { to: [{ name: "first", type: "jsonb", up: "1.5" }] })],
    rule: "bad-expression",
    says: /jsonb/,
    // Everything can be cast there, and what has no such value is found in the rows.
    mariadb: { operations: [split("1.5", { to: [{ name: "first", type: "nojson", up: "1.5" }] })], rule: "unknown-type", says: /nojson/ },
  },
  { title: "an unknown column", operations: [split("nickname")], rule: "bad-expression", says: /nickname/ },
  { title: "an unknown function", operations: [split("no_such(name)")], rule: "bad-expression", says: /no_such/ },
  {
    title: "an aggregate",
    operations: [split("max(name)")],
    rule: "bad-expression",
    says: /aggregate/i,
    mariadb: { says: /: it calls max\(\), which is over many rows\. / },
  },
  { title: "a subquery", operations: [split("(select max(name) from users)")], rule: "bad-expression", says: /subquer|select/i },
  {
    title: "a volatile expression",
    operations: [split("name || random()")],
    rule: "volatile-expression",
    says: /random|volatile/i,
    mariadb: { operations: [split("concat(name, rand())")], rule: "bad-expression", says: /calls rand\(\), which gives another value at each call/ },
  },
  {
    title: "two statements in an expression",
    operations: [split("name); drop table users; --")],
    rule: "bad-expression",
    says: /cannot parse/,
    mariadb: { says: /: it is not one expression\. / },
  },
  {
    title: "a way back that does not fit",
    operations: [{ kind: "transform", table: "users", from: ["größe"], to: [{ name: "size", type: "text", up: '"größe"::text' }], down: { größe: "size" } }],
    rule: "bad-expression",
    says: /numeric/,
    mariadb: {
      operations: [{ kind: "transform", table: "users", from: ["größe"], to: [{ name: "size", type: "text", up: "größe" }], down: { größe: "grösse" } }],
      says: /grösse/,
    },
  },
  {
    title: "a name that is there already",
    operations: [split("name", { to: [{ name: "email", type: "text", up: "name" }], down: { name: "email" } })],
    rule: "name-taken",
    says: /email/,
  },
  {
    title: "a table name that is there already",
    operations: [{ kind: "create-table", table: "taken", columns: [{ name: "id", type: "int" }] }],
    rule: "name-taken",
    says: /taken/,
  },
  {
    title: "a view that reads the column",
    before: "create view v as select id, name from users",
    operations: [split("name")],
    rule: "dependent-view",
    says: /\bv\b/,
  },
  {
    title: "a policy that reads the column",
    before: "alter table users enable row level security; create policy own on users using (name = current_user)",
    operations: [split("name")],
    rule: "dependent-policy",
    says: /own/,
    mariadb: null,
  },
  { title: "a table that is not there", operations: [{ kind: "drop-column", table: "userz", column: "name" }], rule: "unknown-table", says: /userz/ },
];

/** As an engine knows them. */
const knownTo = ({ engine }: AppStand): readonly Refusal[] =>
  refusals.flatMap((refusal) => (engine === "postgres" ? [refusal] : refusal.mariadb === null ? [] : [{ ...refusal, ...refusal.mariadb }]));

describe.each(appStands)("%s", (_, stand) => {
  test.for(knownTo(stand))("$title", async ({ before = "select 1", operations, rule, says }, t) => {
    const db = await stand.databaseFor(t);
    await db.rows(`${usersFor(stand)}; ${before}`);
    const schema = await schemaOf(db.url);
    const context = await projectFor(t, db.url, { "1_change.ts": script(operations as readonly Operation[]) }).context();
    const problem = await caught(start(context, {}));
    expect(problem).toMatchObject({ code: "refused", exit: 3 });
    const { findings } = problem.details as {
      readonly findings: readonly { readonly rule: string; readonly severity: string; readonly message: string; readonly fix: string }[];
    };
    const found = findings.find((finding) => finding.rule === rule && finding.severity === "refuse");
    expect(found, JSON.stringify(findings)).toBeDefined();
    expect(`${found?.message} ${found?.fix}`).toMatch(says);
    await nothingTouched(stand, db, schema);
  });
});

async function nothingTouched(stand: AppStand, db: AppDatabase, schema: Awaited<ReturnType<typeof schemaOf>>): Promise<void> {
  expect(schemaDifference(schema, await schemaOf(db.url))).toEqual([]);
  expect(await db.rows(stand.home)).toEqual([]);
  expect(await db.count("users")).toBe(50);
}

test("a standby is refused, and told apart", async (t) => {
  const primary = await ownServerFor(t);
  await primary.createDatabase("app");
  const replica = await startReplica(primary);
  t.onTestFinished(() => replica.stop("immediate"));
  await replica.catchUp();
  const context = await projectFor(t, replica.url("app"), { "1_t.sql": "create table t (id int);" }).context();
  expect(await caught(start(context, {}))).toMatchObject({ code: "read-only-server", hint: expect.stringContaining("primary") });
  const { plan: planned } = await plan(context, { check: false });
  expect(planned?.findings).toMatchObject([{ rule: "would-not-begin", message: expect.stringContaining("read-only-server") }]);
  // Where planning itself needs a server that writes, it does not blame the migration.
  const typed = script([{ kind: "create-table", table: "t", columns: [{ name: "id", type: "int" }] }]);
  expect(await caught(plan(await projectFor(t, replica.url("app"), { "1_t.ts": typed }).context(), { check: false }))).toMatchObject({
    code: "read-only-server",
    message: expect.stringContaining("standby"),
  });
});

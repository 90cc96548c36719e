import { describe, expect, onTestFinished, test } from "vitest";
import type { Session } from "../../src/drivers/driver.ts";
import { postgresDriver } from "../../src/drivers/postgres/index.ts";
import { columnOrder } from "../../src/schema/canonical.ts";
import { explainDifference, fingerprint, tableFingerprints } from "../../src/schema/fingerprint.ts";
import type { Schema, Table } from "../../src/schema/model.ts";
import { majors } from "../harness/majors.ts";
import { databaseFor, type TestDatabase } from "../harness/servers.ts";
import { everything, realSchema } from "./fixtures/schemas.ts";

async function opened(db: TestDatabase): Promise<{ readonly session: Session; read(): Promise<Schema> }> {
  const driver = postgresDriver({ url: db.url });
  const session = await driver.connect({ purpose: "reader" });
  onTestFinished(() => session.close());
  return { session, read: () => driver.introspect(session) };
}

async function readAfter(db: TestDatabase, text: string): Promise<Schema> {
  const { session, read } = await opened(db);
  await session.script([text]);
  return read();
}

function tableOf(schema: Schema, name: string): Table {
  const table = schema.tables[name];
  if (!table) throw new Error(`${name} was not read`);
  return table;
}
const named = <T extends { readonly name: unknown }>(list: readonly T[], name: string): T => {
  const found = list.find((each) => each.name === name);
  if (!found) throw new Error(`${name} was not read`);
  return found;
};

describe.each(majors)("one of everything on PostgreSQL %i", (major) => {
  test("is read the same twice, and the same from another database", async (t) => {
    const [one, other] = [await opened(await databaseFor(t, major)), await opened(await databaseFor(t, major))];
    await one.session.script([everything(major)]);
    // Other settings of a session must not show in what is read.
    await other.session.script([everything(major)]);
    await other.session.script([
      "set search_path = app, public; set quote_all_identifiers = on; set \"DateStyle\" = 'German'; set \"IntervalStyle\" = 'sql_standard'; set bytea_output = 'escape'",
    ]);
    const schema = await one.read();
    expect(await one.read()).toEqual(schema);
    expect(explainDifference(schema, await other.read())).toEqual([]);
    expect(JSON.parse(JSON.stringify(schema))).toEqual(schema);
  });

  test("has every family", async (t) => {
    const schema = await readAfter(await databaseFor(t, major), everything(major));
    expect(Math.floor(schema.version / 10_000)).toBe(major);
    expect(Object.keys(schema.namespaces)).toEqual(["Odd.Schema", "app", "public"]);
    expect(Object.keys(schema.extensions)).toEqual(["btree_gist", "citext", "plpgsql"]);
    expect(schema.namespaces["app"]).toMatchObject({
      comment: "the application",
      grants: expect.arrayContaining([{ grantee: "everything_reader", grantor: "postgres", privilege: "USAGE", grantable: true }]),
    });
    expect(Object.keys(schema.routines)).toContain("app.twice(integer, text)");
    expect(schema.routines["app.product(integer)"]).toMatchObject({
      kind: "aggregate",
      definition: "CREATE AGGREGATE app.product(integer) (SFUNC = int4mul, STYPE = integer, INITCOND = '1', PARALLEL = SAFE)",
    });
    expect(schema.routines["app.total()"]).toMatchObject({ kind: "function", uses: [{ name: { schema: "app", name: "people" }, columns: ["price"] }] });
    expect(schema.routines["app.twice(integer, text)"]).toMatchObject({
      volatility: "immutable",
      body: "select value * 2",
      comment: "two times",
      returns: "integer",
    });
    expect(schema.routines["app.run(integer)"]).toMatchObject({ kind: "procedure" });
    // Nothing of an extension, and none of the constructors that a range brings along.
    expect(Object.keys(schema.routines).filter((name) => !name.startsWith("app."))).toEqual([]);
    expect(Object.keys(schema.routines).filter((name) => name.startsWith("app.span"))).toEqual([]);
    expect(Object.keys(schema.types)).toEqual(["app.address", "app.email", "app.mood", "app.span"]);
    expect(schema.types["app.mood"]?.definition).toEqual({ kind: "enum", labels: ["sad", 'it\'s "ok"', "so-so", "happy"] });
    expect(schema.types["app.email"]?.definition).toMatchObject({
      kind: "domain",
      type: "public.citext",
      collation: '"C"',
      notNull: true,
      constraints: [
        { name: "has_at", validated: true },
        { name: "short", validated: false, definition: "CHECK ((length((VALUE)::text) < 100))" },
      ],
    });
    expect(schema.types["app.span"]?.definition).toMatchObject({ definition: expect.stringContaining("MULTIRANGE_TYPE_NAME = app.spans") });
    expect(schema.sequences["app.numbers"]).toMatchObject({
      type: "smallint",
      start: "3",
      increment: "-2",
      min: "-100",
      max: "5",
      cache: "7",
      cycle: true,
      ownedBy: null,
    });
    expect(schema.sequences["app.people_id_seq"]).toMatchObject({
      identity: true,
      start: "10",
      increment: "5",
      ownedBy: { table: { schema: "app", name: "people" }, column: "id" },
    });
    expect(schema.sequences["app.people_serial_id_seq"]).toMatchObject({ identity: false, ownedBy: { column: "serial_id" } });
    expect(schema.publications["chosen"]).toMatchObject({ operations: ["insert", "update"], viaRoot: true });
    expect(schema.statistics["app.people_expr"]?.mentions).toEqual(["price", "name"]);
    expect(schema.statistics["app.people_stat"]).toMatchObject({ target: 300, comment: "go together" });
    expect(schema.unmodelled.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      "cast app.mood as integer",
      "collation app.plain",
      "default privileges postgres for tables in app",
      "event trigger everything_ddl",
      "foreign server elsewhere",
      "foreign-data wrapper dummy",
      "operator app.+ (app.mood, app.mood)",
      "shell type app.shell",
      "text search configuration app.search",
      "text search dictionary app.words",
      "user mapping public on elsewhere",
    ]);
  });

  test("has every attribute of a table and its columns", async (t) => {
    const schema = await readAfter(await databaseFor(t, major), everything(major));
    const people = tableOf(schema, "app.people");
    expect(people).toMatchObject({
      owner: "everything_owner",
      comment: "people",
      rowSecurity: { enabled: true, forced: true },
      options: { fillfactor: "70", autovacuum_enabled: "false", "toast.autovacuum_enabled": "false" },
    });
    expect(people.columns.map((column) => column.position)).toEqual(people.columns.map((_, at) => at + 1));
    expect(people.columns.map((column) => column.name)).not.toContain("dropped");
    const column = (name: string) => named(people.columns, name);
    expect(column("id")).toMatchObject({
      type: "bigint",
      notNull: true,
      identity: { mode: "always", sequence: { schema: "app", name: "people_id_seq" } },
      default: null,
      toastable: false,
    });
    expect(column("name")).toMatchObject({
      collation: '"C"',
      default: "'no ''name'''::text",
      comment: "what they are called",
      attributes: { statistics: "500" },
      toastable: true,
    });
    expect(column("name").grants.map(({ grantee, privilege, grantable }) => [grantee, privilege, grantable])).toEqual([
      ["everything_reader", "SELECT", true],
      ["everything_reader", "UPDATE", true],
    ]);
    expect(column("mail")).toMatchObject({ type: "app.email", collation: null });
    expect(column("moods")).toMatchObject({ type: "app.mood[]", default: "ARRAY['sad'::app.mood]" });
    expect(column("seen").default).toBe("'2001-02-03 04:05:06+00'::timestamp with time zone");
    expect(column("wait").default).toBe("'1 day 02:00:00'::interval");
    expect(column("code")).toMatchObject({ type: "character varying(20)", default: "(app.twice(2))::text" });
    expect(column("number").default).toBe("nextval('app.numbers'::regclass)");
    expect(column("data").attributes).toEqual({ storage: "external" });
    expect(column("photo").attributes).toEqual({ compression: "pglz" });
    expect(column("born").attributes).toEqual({ n_distinct: "-0.5" });
    expect(column("loud")).toMatchObject({ default: null, generated: { kind: "stored", expression: "upper(name)" } });
    expect(column('weird " name').type).toBe("text");
    expect(tableOf(schema, '"Odd.Schema"."Odd ""Table"" ☃"').columns.map((each) => each.name)).toEqual(["select", "Ünïcode ☃"]);
    expect(tableOf(schema, "app.addresses").options).toEqual({ "of type": "app.address" });
    expect(tableOf(schema, "app.far")).toMatchObject({ kind: "foreign", options: { server: "elsewhere", "option path": "/x" } });
    expect(named(tableOf(schema, "app.far").columns, "a").attributes).toEqual({ "option name": "A" });
  });

  test("has constraints and indexes by the server's own words, and what they mention", async (t) => {
    const schema = await readAfter(await databaseFor(t, major), everything(major));
    const [people, orders] = [tableOf(schema, "app.people"), tableOf(schema, "app.orders")];
    const all = people.columns.map((column) => column.name);
    expect(named(people.constraints, "positive")).toMatchObject({
      kind: "check",
      columns: ["price"],
      definition: "CHECK ((price >= (0)::numeric)) NO INHERIT",
      comment: "never below",
    });
    expect(named(people.constraints, "whole_row").columns).toEqual(all);
    expect(named(people.constraints, "people_mail_key")).toMatchObject({
      kind: "unique",
      columns: ["mail", "born"],
      deferrable: true,
      index: "people_mail_key",
    });
    expect(named(orders.constraints, "late")).toMatchObject({ definition: "CHECK ((room < 1000))", validated: false });
    expect(named(orders.constraints, "orders_person_fkey")).toMatchObject({
      definition: "FOREIGN KEY (person) REFERENCES app.people(id) ON UPDATE RESTRICT ON DELETE CASCADE DEFERRABLE",
      references: { table: { schema: "app", name: "people" }, columns: ["id"], onDelete: "CASCADE", onUpdate: "RESTRICT" },
    });
    expect(named(orders.constraints, "orders_note_lower").columns).toEqual(["note"]);
    expect(named(orders.constraints, "orders_pair").definition).toBe("UNIQUE (person, room) INCLUDE (note)");
    expect(named(people.indexes, "people_expression")).toMatchObject({
      keys: [null, null],
      includes: ["code"],
      mentions: ["code", "name", "mood", "born", "price"],
      predicate: expect.stringContaining("'happy'::app.mood"),
    });
    expect(named(people.indexes, "people_whole_row").mentions).toEqual(all);
    expect(named(people.indexes, "people_pattern").definition).toBe(
      'CREATE INDEX people_pattern ON app.people USING btree (name text_pattern_ops, code COLLATE "C")',
    );
    expect(named(people.indexes, "people_stats").statistics).toEqual([{ position: 2, target: 250 }]);
    expect(named(people.indexes, "people_name")).toMatchObject({ clustered: true, comment: "by name", constraint: null });
    expect(tableOf(schema, "app.quiet").replicaIdentity).toBe("index quiet_a");
    expect(orders.replicaIdentity).toBe("full");
  });

  test("has partitions, inheritance and what they hand down", async (t) => {
    const schema = await readAfter(await databaseFor(t, major), everything(major));
    const [events, part] = [tableOf(schema, "app.events"), tableOf(schema, "app.events_2026")];
    expect(events).toMatchObject({ kind: "partitioned", partitionKey: { definition: "RANGE (at)", columns: ["at"] } });
    expect(tableOf(schema, "app.keyed").partitionKey?.columns.toSorted()).toEqual(["a", "b"]);
    expect(part.partitionOf).toEqual({
      parent: { schema: "app", name: "events" },
      bound: "FOR VALUES FROM ('2026-01-01 00:00:00+00') TO ('2027-01-01 00:00:00+00')",
    });
    expect(named(events.indexes, "events_half").valid).toBe(false);
    expect(named(part.indexes, "events_2026_kind_idx").parent).toEqual({ schema: "app", name: "events_kind" });
    expect(named(part.triggers, "events_touch")).toMatchObject({ inherited: true });
    expect(named(events.triggers, "events_touch")).toMatchObject({ inherited: false });
    expect(named(part.constraints, "events_2026_pkey")).toMatchObject({ inherited: true, local: false });
    // A key to a partitioned table is one constraint, whatever the server keeps for each partition.
    expect(
      tableOf(schema, "app.event_notes")
        .constraints.filter((each) => each.kind === "foreign-key")
        .map((each) => each.name),
    ).toEqual(["event_notes_event_at_fkey"]);
    const derived = tableOf(schema, "app.derived");
    expect(derived.inherits).toEqual([{ schema: "app", name: "base" }]);
    expect(derived.columns.map(({ name, inherited, local }) => ({ name, inherited, local }))).toEqual([
      { name: "a", inherited: true, local: false },
      { name: "b", inherited: true, local: true },
      { name: "c", inherited: false, local: true },
    ]);
  });

  test("has triggers, rules, policies and views with the columns they need", async (t) => {
    const schema = await readAfter(await databaseFor(t, major), everything(major));
    const people = tableOf(schema, "app.people");
    const all = people.columns.map((column) => column.name);
    expect(named(people.triggers, "people_touch")).toMatchObject({
      timing: "before",
      events: ["update"],
      forEach: "row",
      updateOf: ["name", "mood"],
      function: { schema: "app", name: "touch" },
      comment: "touches",
    });
    expect(named(people.triggers, "people_always")).toMatchObject({ timing: "after", events: ["insert", "delete"], forEach: "statement", enabled: "always" });
    expect(named(people.triggers, "people_off").enabled).toBe("disabled");
    expect(people.triggers.map((trigger) => trigger.name)).toEqual(["people_always", "people_late", "people_off", "people_touch"]);
    expect(tableOf(schema, "app.scratch").rules).toEqual([
      { name: "scratch_quiet", definition: expect.stringContaining("DO INSTEAD NOTHING"), enabled: "disabled" },
    ]);
    expect(named(people.policies, "own")).toMatchObject({
      command: "update",
      permissive: false,
      roles: ["everything_owner", "everything_reader"],
      mentions: ["name", "price"],
    });
    expect(named(people.policies, "everyone")).toMatchObject({ roles: ["public"], mentions: all });
    expect(named(tableOf(schema, "app.orders").policies, "orders_of_people").mentions).toEqual(["person"]);
    expect(schema.views["app.happy"]).toMatchObject({
      kind: "view",
      options: { security_barrier: "true" },
      uses: [{ name: { schema: "app", name: "people" }, columns: ["id", "name", "mail", "mood"] }],
    });
    expect(schema.views["app.happy"]?.columns[1]).toMatchObject({ name: "called", type: "text", default: "'them'::text", comment: "their name" });
    expect(schema.views["app.happy"]?.triggers.map((trigger) => trigger.timing)).toEqual(["instead of"]);
    expect(schema.views["app.on_view"]?.uses).toEqual([
      { name: { schema: "app", name: "happy" }, columns: ["id", "called"] },
      { name: { schema: "app", name: "orders" }, columns: ["person", "room"] },
    ]);
    expect(schema.views["app.rows"]?.uses[0]?.columns).toEqual(all);
    expect(schema.views["app.counted"]?.uses).toEqual([{ name: { schema: "app", name: "orders" }, columns: [] }]);
    expect(schema.views["app.summary"]).toMatchObject({ kind: "materialized", options: { fillfactor: "50" }, indexes: [{ name: "summary_mood" }] });
    expect(schema.views["app.summary"]?.definition).toContain("FROM app.people");
  });

  test.runIf(major >= 15)("has what 15 brought", async (t) => {
    const schema = await readAfter(await databaseFor(t, major), everything(major));
    expect(named(tableOf(schema, "app.nulls").constraints, "nulls_a").definition).toBe("UNIQUE NULLS NOT DISTINCT (a)");
    expect(named(tableOf(schema, "app.partly").constraints, "partly_a_b_fkey").definition).toContain("ON DELETE SET NULL (b)");
    expect(schema.views["app.invoked"]?.options).toEqual({ security_invoker: "true" });
    expect(schema.publications["filtered"]?.tables).toEqual([{ table: { schema: "app", name: "people" }, columns: ["id", "name"], where: "(id > 10)" }]);
    expect(schema.publications["schemas"]?.schemas).toEqual(["Odd.Schema"]);
    expect(schema.sequences["app.unlogged_numbers"]?.persistence).toBe("unlogged");
  });

  test.runIf(major >= 18)("has what 18 brought", async (t) => {
    const schema = await readAfter(await databaseFor(t, major), everything(major));
    const newest = tableOf(schema, "app.newest");
    expect(named(newest.columns, "b").generated).toEqual({ kind: "virtual", expression: "(a + 1)" });
    expect(named(newest.constraints, "positive_a")).toMatchObject({ enforced: false, validated: false, definition: "CHECK ((a > 0)) NOT ENFORCED" });
    expect(named(newest.constraints, "a_given")).toMatchObject({ kind: "not-null", columns: ["a"], validated: false, definition: "NOT NULL a" });
    expect(named(tableOf(schema, "app.single").constraints, "single_a").definition).toBe("NOT NULL a NO INHERIT");
    expect(named(tableOf(schema, "app.weak").constraints, "weak_fkey")).toMatchObject({
      enforced: false,
      references: { table: { schema: "app", name: "twins" } },
    });
    expect(schema.publications["everything_generated"]?.generatedColumns).toBe("stored");
  });
});

describe.each(majors)("a fingerprint on PostgreSQL %i", (major) => {
  const of = async (t: Parameters<typeof databaseFor>[0], text: string): Promise<Schema> => readAfter(await databaseFor(t, major), text);

  test("takes no notice of the order of columns, of dropped ones, or of what order things were made in", async (t) => {
    const one = await of(
      t,
      "create table t (a int primary key, b text check (b <> '' and a > 0), c int); create index i on t (c); create index j on t (b); create view v as select a from t",
    );
    const other = await of(
      t,
      "create table t (c int, x int, b text, a int, constraint t_pkey primary key (a)); alter table t drop x; create index j on t (b); create index i on t (c); create view v as select a from t; alter table t add constraint t_check check (b <> '' and a > 0)",
    );
    expect(explainDifference(one, other)).toEqual([]);
    expect(fingerprint(one)).toBe(fingerprint(other));
    expect(tableFingerprints(one)).toEqual(tableFingerprints(other));
    expect(columnOrder(one)).toEqual({ "public.t": ["a", "b", "c"] });
    expect(columnOrder(other)).toEqual({ "public.t": ["c", "b", "a"] });
  });

  test("takes privileges that were never changed for the same as the default written out", async (t) => {
    const make = "create table t (a int); create function f() returns int language sql as 'select 1'; create sequence s; create type e as enum ('a')";
    const plain = await of(t, make);
    const explicit = await of(
      t,
      `${make}; grant select on t to public; revoke select on t from public; revoke execute on function f() from public; grant execute on function f() to public; grant usage on sequence s to public; revoke usage on sequence s from public; revoke usage on type e from public; grant usage on type e to public`,
    );
    expect(explainDifference(plain, explicit)).toEqual([]);
  });

  test("tells what was changed behind our back", async (t) => {
    const { session, read } = await opened(await databaseFor(t, major));
    await session.script(["create table t (a int, b text default 'x')"]);
    const before = await read();
    await session.script(["alter table t alter b set default 'y', add c int; create index i on t (a); alter table t set (fillfactor = 50)"]);
    expect(explainDifference(before, await read())).toEqual([
      "table public.t, column b, default: 'x'::text → 'y'::text",
      "table public.t, column c: is new",
      "table public.t, indexes: is new",
      "table public.t, options: is new",
    ]);
  });

  test("leaves out temporary objects and our own namespace", async (t) => {
    const { session, read } = await opened(await databaseFor(t, major));
    const before = await read();
    await session.script([
      "create schema hotstick; create table hotstick.runs (id int generated always as identity primary key); create function hotstick.f() returns int language sql as 'select 1'; create type hotstick.e as enum ('a'); create temp table x (a serial primary key); create temp view y as select 1",
    ]);
    expect(explainDifference(before, await read())).toEqual([]);
  });
});

test("reading survives tables that come and go meanwhile", async (t) => {
  const db = await databaseFor(t);
  const [reader, writer] = [await opened(db), await opened(db)];
  await writer.session.script(["create table stays (a int primary key)"]);
  let done = false;
  const churning = (async () => {
    while (!done)
      await writer.session.script([
        "create table goes (a serial primary key, b text default 'x' check (b <> '')); create index on goes (b); create view sees as select a from goes",
        "drop table goes cascade",
      ]);
  })();
  for (let round = 0; round < 10; round += 1) expect(Object.keys((await reader.read()).tables)).toContain("public.stays");
  done = true;
  await churning;
});

test("more views than a lock table has room for can be read", async (t) => {
  const { session, read } = await opened(await databaseFor(t));
  await session.script([
    "create table t (a int)",
    "do $$ begin for i in 1..1200 loop execute format('create view v%s as select a from t', i); end loop; end $$",
  ]);
  const schema = await read();
  expect(Object.keys(schema.views)).toHaveLength(1200);
  expect(Object.values(schema.views).every((view) => view.definition.includes("FROM public.t"))).toBe(true);
});

describe.each(["pagila", "chinook-postgres", "adventureworks", "danbooru"])("the real schema %s", (name) => {
  const text = realSchema(name);
  if (text === null) console.error(`../shared/corpus/schemas/${name}.sql is absent; its tests are SKIPPED.`);
  const suitable = majors.filter((major) => name !== "pagila" || major >= 18);

  for (const major of suitable) {
    test.skipIf(text === null)(`is read whole, and the same from another database, on PostgreSQL ${major}`, async (t) => {
      const databases = [await databaseFor(t, major), await databaseFor(t, major)] as const;
      const [one, other] = [await readAfter(databases[0], text ?? ""), await readAfter(databases[1], text ?? "")];
      expect(explainDifference(one, other)).toEqual([]);
      const [counted] = await databases[0].rows(`
        with people as (select oid from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema'),
          mine as (select c.* from pg_class c join people n on n.oid = c.relnamespace where not exists (select from pg_depend where objid = c.oid and deptype = 'e'))
        select count(*) filter (where relkind in ('r', 'p'))::int as tables, count(*) filter (where relkind in ('v', 'm'))::int as views, count(*) filter (where relkind in ('i', 'I'))::int as indexes,
          count(*) filter (where relkind = 'S')::int as sequences, (select count(*)::int from pg_attribute a join mine t on t.oid = a.attrelid where t.relkind in ('r', 'p') and attnum > 0 and not attisdropped) as columns
        from mine`);
      const tables = Object.values(one.tables);
      const views = Object.values(one.views);
      const sum = (numbers: readonly number[]): number => numbers.reduce((all, each) => all + each, 0);
      expect({
        tables: tables.length,
        views: views.length,
        indexes: sum([...tables, ...views].map((each) => each.indexes.length)),
        sequences: Object.keys(one.sequences).length,
        columns: sum(tables.map((table) => table.columns.length)),
      }).toEqual(counted);
      // Every definition stands on its own: nothing in it depends on a search_path.
      expect(tables.flatMap((table) => table.indexes).filter((index) => !/ ON (ONLY )?"?\w+"?\./.test(index.definition))).toEqual([]);
      expect(views.filter((view) => view.definition === "")).toEqual([]);
    });
  }
});

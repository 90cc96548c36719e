-- What Hotstick remembers, in the database that it changes. Sent in one transaction, which a loser of a race finds made.
do $$ begin
  -- A role without CREATE on the database may be given the namespace, empty.
  if pg_catalog.to_regnamespace('hotstick') is null then create schema hotstick; end if;
end $$;

create table hotstick.version (
  version int primary key,
  at timestamptz not null default pg_catalog.clock_timestamp()
);
insert into hotstick.version (version) values (1);

-- Sync triggers run as the application and use functions and sequences in here.
grant usage on schema hotstick to public;

-- json and not jsonb for what is hashed: it comes back as it was written.
create table hotstick.runs (
  id bigint generated always as identity primary key,
  plan json not null,
  plan_hash text not null,
  migrations text[] not null,
  by text not null,
  started_at timestamptz not null default pg_catalog.clock_timestamp(),
  closed_at timestamptz,
  outcome text check (outcome in ('applied', 'reverted')),
  check ((closed_at is null) = (outcome is null))
);
create index runs_open on hotstick.runs (id) where closed_at is null;

create table hotstick.migrations (
  name text collate "C" primary key,
  parents text[] not null,
  accept text[] not null,
  operations json not null,
  bytes_hash text,
  content_hash text not null,
  state text not null check (state in ('open', 'applied', 'reverted')),
  run bigint references hotstick.runs,
  applied_at timestamptz,
  duration_ms bigint
);

create table hotstick.events (
  id bigint generated always as identity primary key,
  run bigint not null references hotstick.runs,
  at timestamptz not null default pg_catalog.clock_timestamp(),
  kind text not null,
  step text,
  attempt int,
  data jsonb not null
);
create index events_run on hotstick.events (run, id);
-- An attempt is done once, whatever a confused program does.
create unique index events_done on hotstick.events (run, step, attempt) where kind in ('done', 'undo-done');

-- UNIQUE on the token makes changing it a key change: FOR KEY SHARE holds off a takeover and lets the heartbeat pass.
create table hotstick.leases (
  run bigint primary key references hotstick.runs,
  token text not null unique,
  holder json,
  since timestamptz not null,
  beat_at timestamptz not null,
  expires_at timestamptz not null
);

create table hotstick.backends (
  run bigint not null references hotstick.runs,
  token text not null,
  pid int not null,
  started text not null,
  purpose text not null,
  primary key (run, pid, started)
);

create table hotstick.claims (
  table_key text collate "C" primary key,
  run bigint not null references hotstick.runs
);

create table hotstick.cursors (
  run bigint not null references hotstick.runs,
  step text not null,
  pass int not null,
  after text[],
  pass_end text[],
  checked text[],
  seen bigint not null,
  changed bigint not null,
  total bigint,
  at timestamptz not null,
  primary key (run, step)
);

create table hotstick.archives (
  run bigint not null references hotstick.runs,
  step text not null,
  source text not null,
  archive text not null,
  bound xid8 not null default pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot()),
  rows bigint,
  at timestamptz not null default pg_catalog.clock_timestamp(),
  primary key (run, step, source)
);

create function hotstick.hold(run bigint, token text) returns void language plpgsql as $$
begin
  perform from hotstick.leases l where l.run = $1 and l.token = $2 for key share;
  if not found then
    raise exception using errcode = 'HS001', message = pg_catalog.format('the lease of run %s belongs to somebody else', $1);
  end if;
end $$;

-- True when the transaction that wrote a row version surely ended before a snapshot whose xmin was recorded.
-- xmin wraps around at 32 bits and a frozen row keeps its old one, so an answer is given only while nothing written since
-- the bound can look older than it; the margin is for transactions that begin meanwhile.
-- One expression, and not strict, so that the planner puts it in place: as a call it cost 90 µs a row.
create function hotstick.precedes(row_xmin xid, bound xid8) returns boolean language sql stable parallel safe as $$
  select case
    when $1::text::bigint = 0 then false
    when $1::text::bigint in (1, 2) then true -- bootstrap and frozen: older than everything
    else (($2::text::bigint - $1::text::bigint) & 4294967295) between 1 and 2147483647
      and pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())::text::bigint - $2::text::bigint between 0 and 2147483648 - 10000000 - 1
  end
$$;

-- Changes whenever a run opens or closes.
create function hotstick.seen() returns text language sql stable as $$
  select pg_catalog.concat_ws('/', coalesce(pg_catalog.max(id), 0), pg_catalog.count(closed_at), pg_catalog.max(closed_at)::text) from hotstick.runs
$$;

-- Takes the claims of a run or says who has them. Opening is serialised by a lock on runs, which nobody holds for longer.
create function hotstick.claim(run bigint, seen text, tables text[], names text[]) returns void language plpgsql as $$
declare
  other record;
begin
  perform pg_catalog.set_config('lock_timeout', '5s', true);
  lock table hotstick.runs in share row exclusive mode;
  select m.run, m.name, m.state into other from hotstick.migrations m where m.name = any ($4) and m.state <> 'reverted' and m.run is distinct from $1 order by m.name limit 1;
  if found then
    raise exception using errcode = 'HS003', message = other.name, detail = pg_catalog.json_build_object('kind', 'migration', 'run', other.run, 'state', other.state)::text;
  end if;
  select c.run, c.table_key into other from hotstick.claims c where c.table_key = any ($3) order by c.table_key limit 1;
  if found then
    raise exception using errcode = 'HS003', message = other.table_key, detail = pg_catalog.json_build_object('kind', 'table', 'run', other.run)::text;
  end if;
  if $2 is distinct from hotstick.seen() then
    raise exception using errcode = 'HS004', message = 'a run was opened or closed since this plan was made';
  end if;
end $$;

create function hotstick.lend(run bigint, tables text[], token text, holder json, ttl_ms bigint) returns void language plpgsql as $$
begin
  insert into hotstick.claims (table_key, run) select t.key, $1 from pg_catalog.unnest($2) t(key) order by t.key collate "C";
  insert into hotstick.leases (run, token, holder, since, beat_at, expires_at)
    values ($1, $3, $4, pg_catalog.clock_timestamp(), pg_catalog.clock_timestamp(), pg_catalog.clock_timestamp() + pg_catalog.make_interval(secs => $5 / 1000.0));
end $$;

create function hotstick.open(plan json, plan_hash text, by text, seen text, tables text[], token text, holder json, ttl_ms bigint) returns bigint language plpgsql as $$
declare
  names text[] := array(select m.value ->> 'name' from pg_catalog.json_array_elements($1 -> 'migrations') m);
  opened bigint;
begin
  perform hotstick.claim(0, $4, $5, names);
  insert into hotstick.runs (plan, plan_hash, migrations, by) values ($1, $2, names, $3) returning id into opened;
  insert into hotstick.migrations as known (name, parents, accept, operations, bytes_hash, content_hash, state, run)
    select m.value ->> 'name', array(select pg_catalog.json_array_elements_text(m.value -> 'parents')), array(select pg_catalog.json_array_elements_text(m.value -> 'accept')),
      m.value -> 'operations', m.value ->> 'bytesHash', m.value ->> 'contentHash', 'open', opened
    from pg_catalog.json_array_elements($1 -> 'migrations') m
    on conflict (name) do update set parents = excluded.parents, accept = excluded.accept, operations = excluded.operations, bytes_hash = excluded.bytes_hash,
      content_hash = excluded.content_hash, state = 'open', run = excluded.run, applied_at = null, duration_ms = null;
  perform hotstick.lend(opened, $5, $6, $7, $8);
  insert into hotstick.events (run, kind, data) values (opened, 'opened', pg_catalog.jsonb_build_object('by', $3, 'migrations', names));
  return opened;
end $$;

create function hotstick.reopen(run bigint, by text, seen text, tables text[], token text, holder json, ttl_ms bigint, goal text) returns void language plpgsql as $$
declare
  names text[] := (select r.migrations from hotstick.runs r where r.id = $1);
begin
  perform hotstick.claim($1, $3, $4, names);
  update hotstick.runs r set closed_at = null, outcome = null where r.id = $1 and r.closed_at is not null;
  if not found then
    raise exception using errcode = 'HS003', message = $1::text, detail = pg_catalog.json_build_object('kind', 'run', 'run', $1)::text;
  end if;
  update hotstick.migrations m set state = 'open' where m.run = $1;
  perform hotstick.lend($1, $4, $5, $6, $7);
  insert into hotstick.events (run, kind, data) values ($1, 'opened', pg_catalog.jsonb_build_object('by', $2, 'migrations', names, 'goal', $8));
end $$;

create function hotstick.close(run bigint, token text, outcome text) returns void language plpgsql as $$
begin
  perform hotstick.hold($1, $2);
  insert into hotstick.events (run, kind, data) values ($1, 'closed', pg_catalog.jsonb_build_object('outcome', $3));
  update hotstick.runs r set closed_at = pg_catalog.clock_timestamp(), outcome = $3 where r.id = $1;
  update hotstick.migrations m set state = $3, applied_at = case when $3 = 'applied' then r.closed_at end,
    duration_ms = case when $3 = 'applied' then pg_catalog.floor(extract(epoch from r.closed_at - r.started_at) * 1000) end
    from hotstick.runs r where r.id = $1 and m.run = $1;
  delete from hotstick.claims c where c.run = $1;
  -- The lease first: whoever records a session holds it, and is then seen.
  delete from hotstick.leases l where l.run = $1;
  delete from hotstick.backends b where b.run = $1;
end $$;

-- The token changes too, so that nothing can be written with it any more.
create function hotstick.release(run bigint, token text) returns void language plpgsql as $$
begin
  update hotstick.leases l set holder = null, token = 'free after ' || $2, since = pg_catalog.clock_timestamp(), expires_at = pg_catalog.clock_timestamp() where l.run = $1 and l.token = $2;
  if found then
    delete from hotstick.backends b where b.run = $1;
  end if;
end $$;

create function hotstick.take(run bigint, seen text, token text, holder json, ttl_ms bigint, abandoned boolean) returns boolean language plpgsql as $$
begin
  -- A step of the holder may be about to commit; its transaction ends within the lock budget, or its backend was ended.
  perform pg_catalog.set_config('lock_timeout', '2s', true);
  update hotstick.leases l set token = $3, holder = $4, since = pg_catalog.clock_timestamp(), beat_at = pg_catalog.clock_timestamp(),
    expires_at = pg_catalog.clock_timestamp() + pg_catalog.make_interval(secs => $5 / 1000.0)
    where l.run = $1 and l.token = $2 and (l.holder is null or l.expires_at < pg_catalog.clock_timestamp() or $6);
  return found;
end $$;

-- Records migrations that the database already has.
create function hotstick.baseline(migrations json) returns void language plpgsql as $$
declare
  names text[] := array(select m.value ->> 'name' from pg_catalog.json_array_elements($1) m);
begin
  perform hotstick.claim(0, hotstick.seen(), '{}', names);
  insert into hotstick.migrations as known (name, parents, accept, operations, bytes_hash, content_hash, state, applied_at)
    select m.value ->> 'name', array(select pg_catalog.json_array_elements_text(m.value -> 'parents')), array(select pg_catalog.json_array_elements_text(m.value -> 'accept')),
      m.value -> 'operations', m.value ->> 'bytesHash', m.value ->> 'contentHash', 'applied', pg_catalog.clock_timestamp()
    from pg_catalog.json_array_elements($1) m
    on conflict (name) do update set parents = excluded.parents, accept = excluded.accept, operations = excluded.operations, bytes_hash = excluded.bytes_hash,
      content_hash = excluded.content_hash, state = 'applied', run = null, applied_at = excluded.applied_at, duration_ms = null;
end $$;

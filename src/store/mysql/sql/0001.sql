-- What Hotstick remembers on this server, in a database of its own. Statements are separated by empty lines and sent one by one, since each
-- commits by itself: every one can be sent again, and the version comes last, so that a store which was not finished is no store.
-- Names and keys are compared by their bytes. There are no foreign keys: each event would lock its run's row.
create database if not exists hotstick character set utf8mb4 collate utf8mb4_bin;

create table if not exists hotstick.version (
  version int primary key,
  at datetime(6) not null default (utc_timestamp(6))
) engine = InnoDB row_format = dynamic default charset = utf8mb4 collate = utf8mb4_bin;

-- One row for each database of an application. Opening and closing runs is serialised by its lock; `turns` counts both. `filled`: the database
-- had tables when something was last recorded as applied or taken back; it may be dropped without us, and made again under its name.
create table if not exists hotstick.homes (
  home varchar(64) primary key,
  last_run bigint not null default 0,
  turns bigint not null default 0,
  filled bool not null default false
) engine = InnoDB row_format = dynamic default charset = utf8mb4 collate = utf8mb4_bin;

-- JSON is kept as text, as it was written.
create table if not exists hotstick.runs (
  id bigint auto_increment primary key,
  home varchar(64) not null,
  plan longtext not null,
  plan_hash varchar(128) not null,
  migrations longtext not null,
  opened_by text not null,
  started_at datetime(6) not null,
  closed_at datetime(6),
  outcome varchar(20),
  key runs_home (home, id)
) engine = InnoDB row_format = dynamic default charset = utf8mb4 collate = utf8mb4_bin;

create table if not exists hotstick.migrations (
  home varchar(64) not null,
  name varchar(255) not null,
  parents longtext not null,
  accept longtext not null,
  operations longtext not null,
  bytes_hash varchar(128),
  content_hash varchar(255) not null,
  state varchar(20) not null,
  run bigint,
  applied_at datetime(6),
  duration_ms bigint,
  primary key (home, name),
  key migrations_run (run)
) engine = InnoDB row_format = dynamic default charset = utf8mb4 collate = utf8mb4_bin;

-- ended_step: an attempt is done once, whatever a confused program does. Stored, since it is part of a key.
create table if not exists hotstick.events (
  id bigint auto_increment primary key,
  run bigint not null,
  at datetime(6) not null,
  kind varchar(40) not null,
  step varchar(255),
  attempt int,
  data longtext not null,
  ended_step varchar(255) as (case when kind in ('done', 'undo-done') then step end) stored,
  key events_run (run, id),
  key events_kind (run, kind, id),
  unique key events_ended (run, ended_step, attempt)
) engine = InnoDB row_format = dynamic default charset = utf8mb4 collate = utf8mb4_bin;

-- The token of each open run: read under a share lock by every transaction of a step, written by a takeover only. The heartbeat
-- writes into leases, so that neither that lock nor LOCK TABLES … hotstick.fences READ holds it up.
create table if not exists hotstick.fences (
  run bigint primary key,
  token varchar(255) not null
) engine = InnoDB row_format = dynamic default charset = utf8mb4 collate = utf8mb4_bin;

create table if not exists hotstick.leases (
  run bigint primary key,
  token varchar(255) not null,
  holder longtext,
  since datetime(6) not null,
  beat_at datetime(6) not null,
  expires_at datetime(6) not null
) engine = InnoDB row_format = dynamic default charset = utf8mb4 collate = utf8mb4_bin;

create table if not exists hotstick.backends (
  run bigint not null,
  pid bigint not null,
  started varchar(300) not null,
  token varchar(255) not null,
  purpose varchar(100) not null,
  primary key (run, pid, started)
) engine = InnoDB row_format = dynamic default charset = utf8mb4 collate = utf8mb4_bin;

create table if not exists hotstick.claims (
  home varchar(64) not null,
  table_key varchar(300) not null,
  run bigint not null,
  primary key (home, table_key),
  key claims_run (run)
) engine = InnoDB row_format = dynamic default charset = utf8mb4 collate = utf8mb4_bin;

create table if not exists hotstick.cursors (
  run bigint not null,
  step varchar(255) not null,
  pass int not null,
  after_key longtext,
  end_key longtext,
  checked_key longtext,
  seen bigint not null,
  changed bigint not null,
  total bigint,
  at datetime(6) not null,
  primary key (run, step)
) engine = InnoDB row_format = dynamic default charset = utf8mb4 collate = utf8mb4_bin;

create table if not exists hotstick.archives (
  run bigint not null,
  step varchar(255) not null,
  source varchar(300) not null,
  archive varchar(300) not null,
  bound varchar(40) not null default '0',
  archived_rows bigint,
  keys_changed boolean,
  at datetime(6) not null default (utc_timestamp(6)),
  primary key (run, step, source)
) engine = InnoDB row_format = dynamic default charset = utf8mb4 collate = utf8mb4_bin;

-- A procedure and not a function: that needs no trust of the server's while it writes a binary log (error 1419). No alias: under
-- LOCK TABLES a table is known by the name that it was locked with.
create procedure hotstick.hold(in held_run bigint, in held_token varchar(255) character set utf8mb4 collate utf8mb4_bin) reads sql data sql security invoker
begin
  if not exists (select 1 from hotstick.fences where run = held_run and token = held_token lock in share mode) then
    signal sqlstate '45H01' set message_text = 'the lease of this run belongs to somebody else';
  end if;
end

create procedure hotstick.expect(in holds bool) no sql sql security invoker
begin
  if not coalesce(holds, false) then
    signal sqlstate '45H04' set message_text = 'a run was opened or closed since this plan was made';
  end if;
end

-- What the guards of steps call; the shorter of the servers' messages has 128 characters.
create procedure hotstick.refuse(in problem longtext character set utf8mb4) no sql sql security invoker
begin
  if problem is not null then
    set problem = left(problem, 128);
    signal sqlstate '45H02' set message_text = problem;
  end if;
end

insert ignore into hotstick.version (version) values (1)

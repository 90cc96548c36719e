create table accounts (
  id bigint generated always as identity primary key,
  owner text not null,
  balance numeric(14, 2) not null default 0
);
create table transfers (
  id bigint generated always as identity primary key,
  account_id bigint not null references accounts,
  amount numeric(14, 2) not null,
  at timestamptz not null default now()
);
-- hotstick: undo
drop table transfers;
drop table accounts;

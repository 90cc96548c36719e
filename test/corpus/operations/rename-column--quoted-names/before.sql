create schema "Küche";
create table "Küche"."Die.Teller" ("Der Name" text not null default 'Teller "1"', "select" int primary key);
create index "ein Index" on "Küche"."Die.Teller" ("Der Name" desc nulls last) where "select" > 0;
comment on column "Küche"."Die.Teller"."Der Name" is 'it''s "quoted" \ 👩‍👩‍👧';

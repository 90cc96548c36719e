import { expect, test } from "vitest";
import { leavesState } from "./session-state.ts";

test.each([
  "set search_path = ''",
  "-- a comment\n/* another\n * one */ SET SESSION AUTHORIZATION x",
  "set role owner",
  "reset all",
  "select pg_catalog.set_config('search_path', '', false)",
  "create temporary table k (n int)",
  "CREATE TEMP VIEW v as select 1",
  "select 1 as a into temp k",
  "create function pg_temp.f() returns int return 1",
  "prepare p as select 1",
])("%s", (statement) => expect(leavesState(statement)).toBe(true));

test.each([
  "set local search_path = ''",
  "set constraints all deferred",
  "update t set a = 1",
  "alter table t set (fillfactor = 70)",
  "create table templates (n int)",
  "create function f() returns int language sql set search_path = '' as 'select 1'",
])("not %s", (statement) => expect(leavesState(statement)).toBe(false));

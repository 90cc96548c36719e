-- Declared for new rows while old code is still there, validated when it is gone: neither stops a writer.
-- hotstick: phase expand
alter table accounts add constraint accounts_balance_check check (balance >= 0) not valid;
-- hotstick: undo
alter table accounts drop constraint accounts_balance_check;
-- hotstick: phase retire
alter table accounts validate constraint accounts_balance_check;
-- hotstick: undo
select 1;

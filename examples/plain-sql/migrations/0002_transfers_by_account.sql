create index concurrently transfers_account_idx on transfers (account_id, at desc);
-- hotstick: undo
drop index concurrently transfers_account_idx;

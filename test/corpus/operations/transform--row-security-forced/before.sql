create table t (id int primary key, owner text not null, amount int);
alter table t enable row level security;
alter table t force row level security;
create policy mine on t using (owner = current_user);

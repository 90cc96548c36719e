create table t (id int primary key, owner text not null);
alter table t enable row level security;
create policy mine on t using (owner = current_user);

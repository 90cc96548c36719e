create table t (id int primary key, a text, touched timestamptz);
create table t_history (id int, a text, touched timestamptz);
create function touch() returns trigger language plpgsql as 'begin new.touched := now(); return new; end';
create function remember() returns trigger language plpgsql as 'begin insert into t_history values (new.*); return null; end';
create trigger zz_touch before update on t for each row execute function touch();
create trigger remember after update on t for each row execute function remember();

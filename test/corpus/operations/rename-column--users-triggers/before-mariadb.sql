create table t (id int primary key, a varchar(100), touched datetime);
create table t_history (id int, a varchar(100), touched datetime);
create trigger touch before update on t for each row set new.touched = now();
create trigger remember after update on t for each row insert into t_history (id, touched) values (old.id, old.touched);

create table t (code text not null constraint t_code unique, n int primary key);
create table child (id int primary key, code text references t (code) on update cascade on delete cascade);

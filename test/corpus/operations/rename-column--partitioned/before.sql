create table t (id int, day date, a text, primary key (id, day)) partition by range (day);
create table t_1 partition of t for values from ('2020-01-01') to ('2021-01-01');
create table t_2 partition of t default;
create index t_a on t (a);

create table t (id int, day date, a text, primary key (id, day)) partition by range (day);
create table t_1 partition of t for values from ('2020-01-01') to ('2021-01-01');
create index t_1_a on t_1 (a);

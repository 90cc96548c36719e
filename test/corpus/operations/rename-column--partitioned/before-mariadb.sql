create table t (id int, day date, a varchar(100), primary key (id, day)) partition by range columns (day) (partition t_1 values less than ('2021-01-01'), partition t_2 values less than (maxvalue));
create index t_a on t (a);

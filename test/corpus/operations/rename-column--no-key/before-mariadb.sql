create table t (a varchar(100));

create table t (id int primary key, a varchar(100) not null, b int);

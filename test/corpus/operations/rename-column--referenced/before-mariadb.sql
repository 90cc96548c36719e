create table t (code varchar(100) not null, n int primary key, constraint t_code unique (code));
create table child (id int primary key, code varchar(100), constraint child_code foreign key (code) references t (code) on delete cascade);

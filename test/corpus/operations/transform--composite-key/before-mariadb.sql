create table t (tenant int, code int, note varchar(100), primary key (tenant, code));

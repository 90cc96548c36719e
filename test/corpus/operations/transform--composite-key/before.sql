create table t (tenant int, code int, note text, primary key (tenant, code));

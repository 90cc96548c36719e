create table t (id int primary key, a text);
create table k (extra int) inherits (t);

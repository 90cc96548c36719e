create table t (id int primary key, a int not null, twice int generated always as (a * 2) stored);

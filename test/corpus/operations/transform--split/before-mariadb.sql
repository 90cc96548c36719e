create table users (id bigint auto_increment primary key, name varchar(100) not null default 'nobody' comment 'as written');
create index users_name on users (name);

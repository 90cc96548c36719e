-- One of everything that MySQL 8.0 and newer have and MariaDB has not, or shows otherwise. Sent in one message.
set session sql_mode = 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION';
create table parents (id int unsigned not null auto_increment primary key, code varchar(20) not null unique) comment 'it''s a \\ "parent"';

create table everything (
  id bigint unsigned not null auto_increment primary key,
  tiny tinyint(1) default 1, bits bit(5) default b'101', big bigint unsigned default 18446744073709551615, amount decimal(65,30) default 1.5,
  twice double default 1e300, born year default 2026, day date default '2020-01-01', clock time(3) default '-838:59:59.000',
  changed timestamp(6) not null default current_timestamp(6) on update current_timestamp(6), due datetime default (now() + interval 1 day),
  german varchar(10) character set latin1 collate latin1_german1_ci default 'a\\b''c"d\n', story text default ('x'),
  mood enum('a,b','it''s','back\\slash','dq"x','ünï','','tab	x','pct%') collate utf8mb4_bin default 'it''s', tags set('x','y\\','z''') default 'x,y\\',
  bytes binary(3) default 0x00ff01, more_bytes varbinary(5) default 'a\0b', no_bytes varbinary(5) default '', note longtext comment 'it''s a \\ "note"',
  data json default ('{}'), tagged json, plus int as (tiny + 1) virtual, twofold int as (tiny * 2) stored invisible comment 'generated',
  hidden int default 5 invisible, hidden_required int not null default 6 invisible, place point not null srid 4326, shape geometry,
  word varchar(10) default 'null', now_word varchar(30) default 'current_timestamp', `we``ird "n'ame` int, parent int unsigned,
  unique key big (big), key beginning (german(4), day desc) comment 'ix ''c''', key invisible_one (born) invisible, fulltext key words (note),
  fulltext key parsed (note) with parser ngram, spatial key places (place), unique key unique_beginning (word(5)), key of_generated (plus),
  key functional ((tiny + 1), (lower(word)) desc), key many_valued ((cast(tagged->'$.n' as unsigned array))),
  constraint named check (tiny < 100 and `we``ird "n'ame` > 0), constraint loose check (tiny > 5) not enforced,
  constraint to_parent foreign key (parent) references parents (id) on delete set null on update cascade
) engine=innodb row_format=dynamic comment='table ''c\\' stats_persistent=1;

set session sql_generate_invisible_primary_key = on;
create table keyless (a int);
set session sql_generate_invisible_primary_key = default;

create table parted (a int not null, b date not null, primary key (a, b)) partition by range columns (b)
  (partition p0 values less than ('2020-01-01') comment 'old', partition p1 values less than (maxvalue));
create table latin (a varchar(5)) character set latin1;
create table in_memory (a int, key a (a), key b using btree (a)) engine=memory;
create table attributed (a int secondary_engine_attribute '{"x": 1}') secondary_engine_attribute '{"y": 2}';
create table counted (a int, b int);
analyze table counted update histogram on a with 4 buckets;

create view bright as select id, tiny as one from everything where tiny > 1 with local check option;
create trigger second before insert on everything for each row begin set new.tiny = 1; set new.born = 2021; end;
create trigger first before insert on everything for each row precedes second begin set new.born = 2020; end;
create function joined(a int, b varchar(10) charset latin1) returns varchar(20) charset utf8mb4 deterministic no sql comment 'two ''texts''' return concat(a, b);
create procedure run(in a int, out b decimal(10,2)) sql security invoker begin select 1; select 2; end;
create event hourly on schedule every 1 hour starts '2030-01-01 00:00:00' on completion preserve disable comment 'e' do delete from everything where id = 0;

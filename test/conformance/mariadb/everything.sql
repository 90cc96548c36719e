-- One of everything that MariaDB 10.11 has. Sent in one message: the server itself finds the ends of compound statements.
create table parents (id int unsigned zerofill not null auto_increment, code varchar(20) not null, primary key (id), unique key code (code)) comment 'it''s a \\ "parent"';

create table everything (
  id int unsigned not null auto_increment primary key,
  tiny tinyint(1) default 1, bits bit(5) default b'101', filled mediumint zerofill, big bigint unsigned default 18446744073709551615 check (big > 0),
  amount decimal(65,30) unsigned default 1.5, `real` float(7,3), twice double default 1e300, born year default 2026,
  day date default '2020-01-01', clock time(3) default '-838:59:59.000',
  changed timestamp(6) not null default current_timestamp(6) on update current_timestamp(6), seen timestamp null, due datetime default (now() + interval 1 day),
  nothing char(0), german varchar(10) character set latin1 collate latin1_german1_ci default 'a\\b''c"d\n', story text default 'x',
  mood enum('a,b','it''s','back\\slash','dq"x','ünï','','tab	x','pct%') collate utf8mb4_bin default 'it''s', tags set('x','y\\','z''') default 'x,y\\',
  bytes binary(3) default 0x00ff01, more_bytes varbinary(5) default 'a\0b', `blob` blob compressed, packed varchar(100) compressed default 'q',
  note longtext comment 'it''s a \\ "note"', data json default '{}', short longtext check (length(short) > 2),
  plus int as (tiny + 1) virtual, double_plus int as (filled * 2) stored invisible comment 'generated', hidden int invisible default 5, hidden_required int not null default 6 invisible,
  uid uuid default uuid(), six inet6, four inet4, place point ref_system_id=4326 not null, shape geometry,
  sum int default (tiny + 1), word varchar(10) default 'null', now_word varchar(30) default 'current_timestamp',
  checked int check (checked > tiny), `we``ird "n'ame` int, parent int unsigned, other_parent int unsigned,
  unique key unique_nothing (nothing), key beginning (german(4), day desc) comment 'ix ''c''', key ignored_one (born) ignored, fulltext key words (note),
  spatial key places (place), unique key long_unique (story) using hash, unique key unique_beginning (word(5)), key of_generated (plus),
  constraint named check (tiny < 100 and `we``ird "n'ame` > 0),
  unique key big (big),
  constraint to_parent foreign key (parent) references parents (id) on delete set null on update cascade,
  key explicit_one (other_parent, id),
  constraint to_other foreign key (other_parent) references parents (id) on delete no action
) engine=innodb row_format=dynamic comment='table ''c\\' stats_persistent=1 page_compressed=1;

create table versioned (a int primary key, b int without system versioning) with system versioning;
create table versioned_explicitly (
  a int primary key, since timestamp(6) generated always as row start, until timestamp(6) generated always as row end invisible, period for system_time (since, until)
) with system versioning partition by system_time (partition p0 history, partition pn current);
create table versioned_weekly (a int) with system versioning partition by system_time interval 1 week starts '2026-01-01 00:00:00' partitions 3;
create table booked (room int, since date, until date, period for stay (since, until), unique (room, stay without overlaps));
create table like_a_period (a date not null, b date not null, constraint stay check (a < b));
create table parted (a int not null, b date not null, primary key (a, b)) partition by range columns (b) subpartition by hash (a) subpartitions 2
  (partition p0 values less than ('2020-01-01') comment 'old', partition p1 values less than (maxvalue));
create table listed (a int) partition by list (a) (partition p0 values in (1, 2, null), partition p1 values in (3));
create table keyed (a int primary key) partition by key (a) partitions 4;
create table latin (a varchar(5)) character set latin1;
create table not_safe (a int) engine=myisam;
create table in_memory (a int, key a (a), key b using btree (a)) engine=memory;
create table `Odd ``Table"` (`select` int, `Ünïcode` int);

create sequence numbers start with 5 increment by 3 minvalue -10 maxvalue 1000 cache 7 cycle comment 'seq ''c''';

create view bright as select id, tiny as one, concat(german, 'x') as c from everything where tiny > 1 with local check option;
create algorithm=merge sql security invoker view brighter as select v.* from bright v join parents p on p.id = v.id;

create trigger second before insert on everything for each row begin set new.tiny = 1; set new.born = 2021; end;
create trigger first before insert on everything for each row precedes second begin set new.born = 2020; end;
set sql_mode = 'NO_BACKSLASH_ESCAPES';
create trigger after_update after update on everything for each row set @x = 'a\';
set sql_mode = default;

create function f() returns int deterministic return 1;
create function joined(a int, b varchar(10) charset latin1) returns varchar(20) charset utf8mb4 deterministic no sql comment 'two ''texts''' return concat(a, b);
create procedure f() select 1;
create procedure run(in a int, out b decimal(10,2), inout `c d` enum('x','y')) sql security invoker begin select 1; select 2; end;
create aggregate function product(x int) returns int deterministic begin declare r int default 1; declare continue handler for not found return r; loop fetch group next row; set r = r * x; end loop; end;
create event hourly on schedule every 1 hour starts '2030-01-01 00:00:00' on completion preserve disable comment 'e' do delete from everything where id = 0;
create event once on schedule at '2037-01-01 00:00:00' do begin delete from parents; end;
set sql_mode = oracle;
create package tools is function f return int; end;
set sql_mode = default;

create table `Die.Teller` (`Der Name` varchar(100) not null default 'Teller "1"' comment 'it''s "quoted" `here`', `select` int primary key);
create index `ein Index` on `Die.Teller` (`Der Name` desc);

-- Small in-house tools, each by another hand.
-- migration: tables
CREATE TABLE IF NOT EXISTS `tickets` (
	`id` INT UNSIGNED NOT NULL AUTO_INCREMENT,
	`subject` VARCHAR(200) NOT NULL COLLATE 'utf8mb4_general_ci',
	`body` MEDIUMTEXT NULL COLLATE 'utf8mb4_general_ci',
	`priority` ENUM('low','normal','high','urgent') NOT NULL DEFAULT 'normal' COLLATE 'utf8mb4_general_ci',
	`opened_by` INT UNSIGNED NOT NULL,
	`assigned_to` INT UNSIGNED NULL DEFAULT NULL,
	`opened_at` DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
	`closed_at` DATETIME NULL DEFAULT NULL,
	PRIMARY KEY (`id`) USING BTREE,
	INDEX `opened_by` (`opened_by`) USING BTREE,
	INDEX `assigned_to` (`assigned_to`) USING BTREE
)
COLLATE='utf8mb4_general_ci'
ENGINE=InnoDB
AUTO_INCREMENT=1
;
CREATE TABLE ticket_comments(
id INT AUTO_INCREMENT PRIMARY KEY,
ticket_id INT UNSIGNED NOT NULL,
author VARCHAR(80),
comment TEXT,
created TIMESTAMP DEFAULT NOW(),
FOREIGN KEY(ticket_id) REFERENCES tickets(id)
);
create table rooms (id int primary key auto_increment, name varchar(50) unique not null, seats int default 4, floor int);
create table bookings (
  id         int auto_increment,
  room_id    int          not null,
  booked_by  varchar(100) not null,
  starts_at  datetime     not null,
  ends_at    datetime     not null,
  constraint bookings_pk primary key (id),
  constraint bookings_rooms_fk foreign key (room_id) references rooms (id)
);
create index bookings_starts_at_index on bookings (starts_at);
CREATE TABLE Suppliers (
  SupplierID INT NOT NULL AUTO_INCREMENT,
  CompanyName VARCHAR(40) NOT NULL,
  ContactName VARCHAR(30) NULL,
  Country VARCHAR(15) NULL,
  HomePage TEXT NULL,
  PRIMARY KEY (SupplierID),
  INDEX CompanyName (CompanyName)
);
CREATE TABLE Products (
  ProductID INT NOT NULL AUTO_INCREMENT,
  ProductName VARCHAR(40) NOT NULL,
  SupplierID INT NULL,
  UnitPrice DECIMAL(10,4) NULL DEFAULT 0,
  UnitsInStock SMALLINT NULL DEFAULT 0,
  Discontinued BIT NOT NULL DEFAULT 0,
  PRIMARY KEY (ProductID),
  INDEX SupplierID (SupplierID),
  CONSTRAINT FK_Products_Suppliers FOREIGN KEY (SupplierID) REFERENCES Suppliers (SupplierID)
);
CREATE TABLE log (id BIGINT AUTO_INCREMENT PRIMARY KEY, ts TIMESTAMP(3) DEFAULT CURRENT_TIMESTAMP(3), level CHAR(5), msg TEXT, INDEX(ts));
CREATE TABLE settings (name VARCHAR(64) PRIMARY KEY, value TEXT);
CREATE TABLE measurements (sensor INT NOT NULL, at DATETIME NOT NULL, value DOUBLE NOT NULL, PRIMARY KEY (sensor, at));
CREATE TABLE coordinates (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(80), lat DOUBLE, lng DOUBLE);
CREATE TABLE expenses (id INT AUTO_INCREMENT PRIMARY KEY, amount FLOAT NOT NULL, what VARCHAR(100), spent_on DATE);
CREATE TABLE uploads (id CHAR(36) NOT NULL PRIMARY KEY, path VARCHAR(255) NOT NULL, size BIGINT, mime VARCHAR(100), uploaded_at DATETIME DEFAULT CURRENT_TIMESTAMP);
-- useful: NO_PRIMARY_KEY
CREATE TABLE import_raw (line_no INT, content TEXT, loaded_at DATETIME);
-- useful: NO_PRIMARY_KEY
CREATE TABLE tmp_customers_backup (id INT, name VARCHAR(100), email VARCHAR(100));
-- useful: NO_TRANSACTIONS
-- noise: NO_PRIMARY_KEY
CREATE TABLE counters (name VARCHAR(50) NOT NULL, n INT NOT NULL DEFAULT 0, UNIQUE KEY (name)) ENGINE=MyISAM;
-- useful: NARROW_CHARSET
CREATE TABLE old_letters (id INT NOT NULL AUTO_INCREMENT, body TEXT, PRIMARY KEY (id)) ENGINE=InnoDB DEFAULT CHARSET=latin1;
CREATE TABLE feature_flags (flag VARCHAR(60) NOT NULL PRIMARY KEY, enabled TINYINT(1) NOT NULL DEFAULT 0, rollout TINYINT UNSIGNED NOT NULL DEFAULT 100, CHECK (rollout <= 100));
CREATE TABLE audit (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT, who VARCHAR(64) NOT NULL, did VARCHAR(64) NOT NULL, object_type VARCHAR(64) NOT NULL, object_id BIGINT UNSIGNED NOT NULL, details JSON, happened_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6), PRIMARY KEY (id), KEY object (object_type, object_id), KEY happened_at (happened_at)) ENGINE=InnoDB;
CREATE TABLE tree (id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, parent_id INT UNSIGNED NULL, name VARCHAR(100) NOT NULL, KEY (parent_id), CONSTRAINT tree_parent FOREIGN KEY (parent_id) REFERENCES tree (id) ON DELETE CASCADE);
CREATE TABLE translations (lang CHAR(2) NOT NULL, msgid VARCHAR(150) NOT NULL, msgstr TEXT NOT NULL, PRIMARY KEY (lang, msgid)) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE visits (day DATE NOT NULL, page VARCHAR(200) NOT NULL, hits INT UNSIGNED NOT NULL DEFAULT 0, PRIMARY KEY (day, page)) PARTITION BY RANGE COLUMNS (day) (PARTITION p2024 VALUES LESS THAN ('2025-01-01'), PARTITION p2025 VALUES LESS THAN ('2026-01-01'), PARTITION pmax VALUES LESS THAN (MAXVALUE));
CREATE TABLE person (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, given VARCHAR(60), family VARCHAR(60), full_name VARCHAR(121) GENERATED ALWAYS AS (CONCAT(given, ' ', family)) VIRTUAL, born DATE, KEY family (family, given));
-- migration: changes
ALTER TABLE tickets ADD COLUMN due_on DATE NULL AFTER closed_at;
ALTER TABLE tickets MODIFY priority ENUM('low','normal','high','urgent','blocker') NOT NULL DEFAULT 'normal';
ALTER TABLE tickets ADD INDEX priority_opened (priority, opened_at);
ALTER TABLE ticket_comments ADD internal TINYINT(1) NOT NULL DEFAULT 0;
ALTER TABLE rooms ADD COLUMN has_screen BOOL DEFAULT FALSE;
-- useful: DROP_COLUMN
ALTER TABLE rooms DROP COLUMN floor;
-- useful: BLOCKING_COPY, ADD_CHECK
ALTER TABLE bookings ADD CHECK (ends_at > starts_at);
ALTER TABLE bookings ADD COLUMN canceled_at DATETIME NULL;
ALTER TABLE Products ADD COLUMN ReorderLevel SMALLINT NULL DEFAULT 0;
ALTER TABLE Suppliers MODIFY Country VARCHAR(60) NULL;
-- useful: BLOCKING_COPY
-- noise: NARROW_COLUMN
ALTER TABLE expenses MODIFY amount DECIMAL(10,2) NOT NULL;
-- useful: BLOCKING_COPY
ALTER TABLE log MODIFY level CHAR(8);
ALTER TABLE log ADD INDEX level_ts (level, ts);
-- useful: RENAME_COLUMN
ALTER TABLE uploads CHANGE mime mime_type VARCHAR(100);
ALTER TABLE settings ADD COLUMN description VARCHAR(255);
-- useful: BLOCKING_COPY, NARROW_COLUMN
ALTER TABLE coordinates MODIFY lat DECIMAL(9,6), MODIFY lng DECIMAL(9,6);
ALTER TABLE counters ENGINE=InnoDB;
-- useful: BLOCKING_COPY
ALTER TABLE old_letters CONVERT TO CHARACTER SET utf8mb4;
ALTER TABLE audit ADD COLUMN ip VARCHAR(45) NULL;
ALTER TABLE person ADD COLUMN email VARCHAR(190) NULL, ADD UNIQUE KEY email (email);
ALTER TABLE tree ADD COLUMN position INT NOT NULL DEFAULT 0;
-- useful: BLOCKING_LOCK
ALTER TABLE visits REORGANIZE PARTITION pmax INTO (PARTITION p2026 VALUES LESS THAN ('2027-01-01'), PARTITION pmax VALUES LESS THAN (MAXVALUE));
-- useful: DROP_TABLE
DROP TABLE tmp_customers_backup;
-- useful: TRUNCATE_TABLE
TRUNCATE TABLE import_raw;
-- useful: UPDATE_ALL_ROWS
UPDATE settings SET value = 'on';
UPDATE tickets SET closed_at = NOW() WHERE id = 311;
-- useful: LARGE_CHANGE
DELETE FROM log WHERE ts < '2025-01-01';
INSERT INTO feature_flags (flag, enabled) VALUES ('new_ui', 1);
-- useful: INSERT_WITHOUT_COLUMNS
INSERT INTO settings VALUES ('theme', 'dark');
-- useful: ADD_NOT_NULL
ALTER TABLE feature_flags ADD COLUMN owner VARCHAR(64) NOT NULL;
ALTER TABLE measurements ADD COLUMN unit VARCHAR(10) NOT NULL DEFAULT 'C';
ALTER TABLE translations ADD COLUMN reviewed_at DATETIME NULL;

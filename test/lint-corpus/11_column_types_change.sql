-- migration: create
-- expect: nothing
CREATE TABLE accounts (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT,
  login VARCHAR(60) NOT NULL,
  balance DECIMAL(10,2) NOT NULL DEFAULT 0,
  visits INT NOT NULL DEFAULT 0,
  kind ENUM('person','company') NOT NULL DEFAULT 'person',
  note VARCHAR(500) NULL,
  born DATE NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uk_login (login)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
-- migration: change
-- expect: BLOCKING_COPY
ALTER TABLE accounts MODIFY visits BIGINT NOT NULL DEFAULT 0;
-- expect: BLOCKING_COPY, CHANGED_TYPE, NARROW_COLUMN
ALTER TABLE accounts MODIFY visits VARCHAR(10) NOT NULL DEFAULT '0';
-- expect: NARROW_COLUMN, BLOCKING_COPY
ALTER TABLE accounts MODIFY note VARCHAR(100) NULL;
-- expect: BLOCKING_COPY, VARCHAR_LENGTH_BYTE
ALTER TABLE accounts MODIFY login VARCHAR(100) NOT NULL;
-- expect: nothing
ALTER TABLE accounts MODIFY note VARCHAR(200) NULL;
-- expect: nothing
ALTER TABLE accounts MODIFY kind ENUM('person','company','club') NOT NULL DEFAULT 'person';
-- expect: ENUM_REORDERED, BLOCKING_COPY
ALTER TABLE accounts MODIFY kind ENUM('club','person','company','other') NOT NULL DEFAULT 'person';
-- expect: NARROW_COLUMN, REBUILDING_TABLE
ALTER TABLE accounts MODIFY born DATE NOT NULL;

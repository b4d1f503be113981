-- migration: create
-- expect: ENUM_REPEATED
CREATE TABLE singers (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, voice ENUM('soprano','alto','tenor','alto') NOT NULL);
-- expect: nothing
CREATE TABLE concerts (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, held DATE NOT NULL, hall VARCHAR(60) NOT NULL, rating ENUM('poor','fair','good') NULL);
-- expect: INVALID_DEFAULT
CREATE TABLE rehearsals (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, held DATE NOT NULL DEFAULT '2026-02-30', room CHAR(3) NOT NULL DEFAULT 'A1');
-- expect: nothing
CREATE TABLE scores (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, composer VARCHAR(80) NOT NULL DEFAULT 'unknown', pages SMALLINT UNSIGNED NOT NULL DEFAULT 1);
-- migration: later
-- expect: ENUM_REORDERED, BLOCKING_COPY
ALTER TABLE concerts MODIFY rating ENUM('good','fair','poor') NULL;
-- expect: nothing
ALTER TABLE concerts ADD COLUMN choir_fee DECIMAL(8,2) NULL;
-- expect: UNKNOWN_COLUMN
ALTER TABLE concerts DROP COLUMN choir_fees;

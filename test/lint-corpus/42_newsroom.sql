-- migration: create
-- expect: TEXT_KEY_WITHOUT_LENGTH
CREATE TABLE drafts (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, headline TEXT NOT NULL, KEY by_headline (headline));
-- expect: nothing
CREATE TABLE published (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, headline TEXT NOT NULL, printed DATE NOT NULL, KEY by_headline (headline(80)), KEY by_day (printed));
-- expect: TEXT_DEFAULT
CREATE TABLE bylines (article INT NOT NULL, author VARCHAR(80) NOT NULL, thanks TEXT DEFAULT 'none', PRIMARY KEY (article, author));
-- expect: nothing
CREATE TABLE corrections (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, article INT NOT NULL, body TEXT DEFAULT (''), KEY (article));
-- migration: later
-- expect: LOCKING_INDEX, BLOCKING_LOCK
ALTER TABLE published ADD FULLTEXT KEY words (headline);
-- expect: nothing
DROP VIEW front_page;
-- expect: VIEW_STAR
CREATE VIEW front_page AS SELECT * FROM published;
-- expect: nothing
CREATE OR REPLACE VIEW front_page AS SELECT id, headline FROM published WHERE printed > '2026-01-01';

-- migration: create
-- expect: nothing
CREATE TABLE titles (isbn CHAR(13) NOT NULL PRIMARY KEY, title VARCHAR(200) NOT NULL, year YEAR NULL);
-- expect: FOREIGN_KEY_SET_NULL
CREATE TABLE copies (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, isbn CHAR(13) NOT NULL, KEY (isbn), CONSTRAINT of_title FOREIGN KEY (isbn) REFERENCES titles (isbn) ON DELETE SET NULL);
-- expect: FOREIGN_KEY_SET_DEFAULT
CREATE TABLE holds (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, isbn CHAR(13) NULL DEFAULT 'none', KEY (isbn), CONSTRAINT of_held FOREIGN KEY (isbn) REFERENCES titles (isbn) ON DELETE SET DEFAULT);
-- expect: YEAR_WIDTH
CREATE TABLE acquisitions (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, isbn CHAR(13) NOT NULL, bought YEAR(4) NOT NULL, KEY (isbn));
-- migration: later
-- expect: CHANGED_TYPE, BLOCKING_COPY
ALTER TABLE titles MODIFY year VARCHAR(10) NULL;
-- expect: nothing
ALTER TABLE titles MODIFY title VARCHAR(240) NOT NULL;
-- expect: INSERT_IGNORE
INSERT IGNORE INTO titles (isbn, title) VALUES ('9780000000000', 'Nothing');
-- expect: nothing
INSERT INTO titles (isbn, title) VALUES ('9780000000001', 'Something') ON DUPLICATE KEY UPDATE title = 'Something';

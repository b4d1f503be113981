-- migration: create
-- expect: nothing
CREATE TABLE hits (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  page VARCHAR(100) NOT NULL,
  n INT NOT NULL DEFAULT 0,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
-- expect: nothing
INSERT INTO hits (page, n) VALUES ('home', 1);
-- migration: later
-- expect: INSERT_IGNORE
INSERT IGNORE INTO hits (page, n) VALUES ('about', 1);
-- expect: INSERT_WITHOUT_COLUMNS
INSERT INTO hits VALUES (9, 'faq', 1);
-- expect: VALUES_FUNCTION
INSERT INTO hits (id, page, n) VALUES (1, 'home', 1) ON DUPLICATE KEY UPDATE n = VALUES(n);
-- expect: nothing
INSERT INTO hits (id, page, n) VALUES (1, 'home', 1) ON DUPLICATE KEY UPDATE n = n + 1;
-- expect: PIPES_AS_OR
UPDATE hits SET page = page || 'x' WHERE id = 1;
-- expect: nothing
UPDATE hits SET page = CONCAT(page, '||') WHERE id = 1;
-- expect: AND_SYMBOL
UPDATE hits SET n = 2 WHERE id = 1 && n = 1;

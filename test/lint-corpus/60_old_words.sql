-- migration: create
-- expect: nothing
CREATE TABLE flags_of_states (id INT NOT NULL PRIMARY KEY, a TINYINT(1) NOT NULL, b TINYINT(1) NOT NULL, n INT NOT NULL, UNIQUE KEY (n));
-- migration: later
-- expect: AND_SYMBOL
UPDATE flags_of_states SET a = 0 WHERE id = 1 && b = 1;
-- expect: PIPES_AS_OR
UPDATE flags_of_states SET a = 1 WHERE id = 1 || id = 2;
-- expect: VALUES_FUNCTION
INSERT INTO flags_of_states (id, a, b, n) VALUES (1, 1, 1, 1) ON DUPLICATE KEY UPDATE a = VALUES(a);
-- expect: nothing
INSERT INTO flags_of_states (id, a, b, n) VALUES (1, 1, 1, 1) AS fresh ON DUPLICATE KEY UPDATE a = fresh.a;
-- expect: INSERT_WITHOUT_COLUMNS
INSERT INTO flags_of_states VALUES (2, 0, 0, 2);
-- expect: POINTLESS_SELECT
SELECT id FROM flags_of_states WHERE id = 1;
-- expect: FIXED_SCHEMA
ALTER TABLE prod.flags_of_states ADD COLUMN c TINYINT(1) NULL;

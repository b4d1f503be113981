-- migration: create
-- expect: nothing
CREATE TABLE quotas (id INT NOT NULL PRIMARY KEY, used INT NOT NULL DEFAULT 0);
-- expect: FUNCTION_NOT_DECLARED
CREATE FUNCTION share_of(a INT, b INT) RETURNS DECIMAL(5,2) RETURN a / b;
-- expect: nothing
CREATE FUNCTION part_of(a INT, b INT) RETURNS DECIMAL(5,2) DETERMINISTIC NO SQL RETURN a / b;
-- expect: DEFINER_NAMED
CREATE DEFINER = 'root'@'localhost' PROCEDURE reset_quota(IN quota INT) UPDATE quotas SET used = 0 WHERE id = quota;
-- expect: nothing
CREATE TRIGGER quota_check BEFORE UPDATE ON quotas FOR EACH ROW SET NEW.used = GREATEST(NEW.used, 0);
-- migration: later
-- expect: DROP_ROUTINE
DROP PROCEDURE reset_quota;
-- expect: nothing
CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY DO UPDATE quotas SET used = 0 WHERE used > 0;
-- expect: UNRESUMABLE_CALL
CALL rebuild_quotas();

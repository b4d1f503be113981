-- migration: create
-- expect: nothing
CREATE TABLE jobs (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  state VARCHAR(20) NOT NULL DEFAULT 'queued',
  owner_id BIGINT UNSIGNED NULL,
  payload JSON NULL,
  KEY idx_owner (owner_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
-- expect: nothing
INSERT INTO jobs (state, owner_id) VALUES ('queued', 1), ('done', 2);
-- migration: clean
-- expect: DELETE_ALL_ROWS
DELETE FROM jobs;
-- expect: UPDATE_ALL_ROWS
UPDATE jobs SET state = 'queued';
-- expect: UPDATE_ALL_ROWS
UPDATE jobs SET state = 'queued' WHERE 1 = 1;
-- expect: nothing
DELETE FROM jobs WHERE id = 17;
-- expect: nothing
UPDATE jobs SET state = 'done' WHERE owner_id = 3;
-- expect: UNKEYED_CHANGE, LARGE_CHANGE
UPDATE jobs SET state = 'stale' WHERE state = 'queued';
-- expect: SET_WITH_AND
UPDATE jobs SET state = 'done' AND owner_id = 4 WHERE id = 5;
-- expect: NULL_COMPARISON, UNKEYED_CHANGE, LARGE_CHANGE
DELETE FROM jobs WHERE payload = NULL;
-- expect: LIMIT_WITHOUT_ORDER
DELETE FROM jobs WHERE owner_id = 9 LIMIT 100;
-- expect: nothing
DELETE FROM jobs WHERE owner_id = 9 ORDER BY id LIMIT 100;

-- migration: create
-- expect: nothing
CREATE TABLE probes (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, host VARCHAR(120) NOT NULL);
-- migration: later
-- expect: SET_GLOBAL
SET GLOBAL innodb_flush_log_at_trx_commit = 2;
-- expect: NON_STRICT_MODE
SET SESSION sql_mode = 'NO_ENGINE_SUBSTITUTION';
-- expect: LONG_LOCK_WAIT
SET SESSION lock_wait_timeout = 3600;
-- expect: nothing
SET SESSION max_execution_time = 30000;
-- expect: UNIQUE_CHECKS_OFF
SET SESSION unique_checks = 0;
-- expect: SKIP_BINLOG
SET SESSION sql_log_bin = 0;
-- expect: nothing
SET SESSION unique_checks = 1;
-- expect: SECRET_IN_FILE
CREATE USER 'probe'@'10.%' IDENTIFIED BY 'Winter2026!';
-- expect: GRANT_ALL
GRANT ALL ON *.* TO 'probe'@'10.%';
-- expect: nothing
GRANT SELECT ON probes TO 'probe'@'10.%';

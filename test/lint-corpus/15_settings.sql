-- migration: create
-- expect: SET_GLOBAL
SET GLOBAL max_connections = 500;
-- expect: SKIP_BINLOG
SET sql_log_bin = 0;
-- expect: NON_STRICT_MODE
SET sql_mode = 'NO_ENGINE_SUBSTITUTION';
-- expect: nothing
SET sql_mode = CONCAT(@@sql_mode, ',PIPES_AS_CONCAT');
-- expect: UNIQUE_CHECKS_OFF
SET unique_checks = 0;
-- expect: REMOVED_SQL_MODE
SET sql_mode = 'STRICT_TRANS_TABLES,NO_AUTO_CREATE_USER';
-- expect: nothing
SET SESSION group_concat_max_len = 100000;
-- expect: LONG_LOCK_WAIT
SET SESSION lock_wait_timeout = 31536000;
-- expect: nothing
SET NAMES utf8mb4;

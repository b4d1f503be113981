-- migration: create
-- expect: FOREIGN_KEY_CHECKS_OFF
SET foreign_key_checks = OFF;
-- expect: nothing
SET foreign_key_checks = ON;
-- expect: UNIQUE_CHECKS_OFF
SET SESSION unique_checks = 0;
-- expect: LONG_LOCK_WAIT
SET lock_wait_timeout = 3600;
-- expect: nothing
SET SESSION lock_wait_timeout = 5;
-- expect: NON_STRICT_MODE
SET sql_mode = '';

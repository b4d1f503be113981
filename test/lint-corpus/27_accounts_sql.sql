-- migration: create
-- expect: SECRET_IN_FILE
CREATE USER 'report'@'10.0.0.1' IDENTIFIED BY 'hunter2';
-- expect: nothing
CREATE USER 'reader'@'10.0.0.1' IDENTIFIED BY RANDOM PASSWORD;
-- expect: GRANT_OPTION
GRANT SELECT ON app.* TO 'reader'@'10.0.0.1' WITH GRANT OPTION;
-- expect: nothing
GRANT SELECT, INSERT ON app.* TO 'report'@'10.0.0.1';
-- expect: GRANT_ALL
GRANT ALL ON app.* TO 'report'@'10.0.0.1';

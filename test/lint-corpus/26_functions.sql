-- migration: create
-- expect: FUNCTION_NOT_DECLARED
CREATE FUNCTION one() RETURNS INT RETURN 1;
-- expect: nothing
CREATE FUNCTION two() RETURNS INT DETERMINISTIC RETURN 2;
-- expect: nothing
CREATE PROCEDURE three() SELECT 3;
-- migration: later
-- expect: DROP_ROUTINE
DROP PROCEDURE three;

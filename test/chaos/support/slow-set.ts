/** Three statements, each of which shows a second run; the second one takes seconds, because every row of it is work. */
export const slowSet: Readonly<Record<string, string>> = {
  'migrations/app/001_slow.sql': `-- wwdb:accept BLOCKING_COPY the test wants to be inside it
-- migrate:up
UPDATE counters SET value = value + 1 WHERE name = 'before';
ALTER TABLE slow ADD COLUMN digest CHAR(128) AS (SHA2(REPEAT(word, 500000), 512)) STORED, ALGORITHM=COPY;
UPDATE counters SET value = value + 1 WHERE name = 'after';
-- migrate:down
UPDATE counters SET value = value - 1 WHERE name = 'after';
ALTER TABLE slow ADD COLUMN again CHAR(128) AS (SHA2(REPEAT(word, 500000), 512)) STORED, DROP COLUMN digest, ALGORITHM=COPY;
UPDATE counters SET value = value - 1 WHERE name = 'before';
`,
}

/** How a statement of `slowSet` that takes seconds begins. */
export const slowStatement = 'ALTER TABLE slow'

/** @param rows about 5 ms of the ALTER each */
export function slowSetUp(rows: number): string {
  return `
SET SESSION cte_max_recursion_depth = 100000;
CREATE TABLE slow (id INT NOT NULL PRIMARY KEY, word CHAR(8) NOT NULL);
INSERT INTO slow WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows}) SELECT i, LPAD(i, 8, 'x') FROM n;
CREATE TABLE counters (name VARCHAR(40) NOT NULL PRIMARY KEY, value INT NOT NULL);
INSERT INTO counters VALUES ('before', 0), ('after', 0);
`
}

import { describe, expect, test } from 'vitest'
import { missingGrant } from '../../../src/mysql/missing-grant.ts'

const session = { account: 'ann@10.%', schema: 'user_db' }

/** Messages of MySQL 8.0.12 and 9.7. */
const cases: readonly (readonly [errno: number, message: string, statement: string, grant: string])[] = [
  [
    1142,
    "INSERT command denied to user 'ann'@'h' for table 'journal'",
    'INSERT INTO journal VALUES (1)',
    'INSERT ON `user\\_db`.*',
  ],
  [
    1142,
    "INSERT command denied to user 'ann'@'h' for table 'a_b'.'t'",
    'INSERT INTO t VALUES (1)',
    'INSERT ON `a\\_b`.*',
  ],
  [
    1142,
    "DROP, CREATE command denied to user 'ann'@'h' for table 't'",
    'ALTER TABLE other.t RENAME x',
    'DROP, CREATE ON `other`.*',
  ],
  [1142, "SELECT command denied to user 'ann'@'h' for table `s`.`t`", 'SELECT 1 FROM s.t', 'SELECT ON `s`.*'],
  [
    1142,
    "REFERENCES command denied to user 'ann'@'h' for table '`p`.`parents`'",
    'ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES `p`.`parents` (id)',
    'REFERENCES ON `p`.*',
  ],
  [
    1142,
    "REFERENCES command denied to user 'ann'@'h' for table 'p.parents'",
    'CREATE TABLE t (a INT, FOREIGN KEY (a) REFERENCES p.parents (id))',
    'REFERENCES ON `p`.*',
  ],
  [
    1143,
    "SELECT command denied to user 'ann'@'h' for column 'n' in table 't'",
    'UPDATE t SET n = n',
    'SELECT ON `user\\_db`.*',
  ],
  [1044, "Access denied for user 'ann'@'%' to database 'x_1'", 'CREATE SCHEMA x_1', 'CREATE ON `x\\_1`.*'],
  [1044, "Access denied for user 'ann'@'%' to database 'x'", 'DROP DATABASE x', 'DROP ON `x`.*'],
  [
    1044,
    "Access denied for user 'ann'@'%' to database 'x'",
    'SET @a=1;CREATE TEMPORARY TABLE t (a INT)',
    'CREATE TEMPORARY TABLES ON `x`.*',
  ],
  [
    1044,
    "Access denied for user 'ann'@'%' to database 'x'",
    'CREATE DEFINER=a EVENT e ON SCHEDULE AT NOW() DO SELECT 1',
    'EVENT ON `x`.*',
  ],
  [
    1044,
    "Access denied for user 'ann'@'%' to database 'x'",
    'CREATE PROCEDURE p() SELECT 1',
    'CREATE ROUTINE ON `x`.*',
  ],
  [1044, "Access denied for user 'ann'@'%' to database 'x'", 'LOCK TABLES t READ', 'LOCK TABLES ON `x`.*'],
  [1044, "Access denied for user 'ann'@'%' to database 'x'", 'USE x', 'SELECT ON `x`.*'],
  [
    1227,
    'Access denied; you need (at least one of) the PROCESS privilege(s) for this operation',
    'SELECT 1',
    'PROCESS ON *.*',
  ],
  [
    1227,
    'Access denied; you need (at least one of) the SUPER or SYSTEM_VARIABLES_ADMIN privilege(s) for this operation',
    'SET GLOBAL x=1',
    'SYSTEM_VARIABLES_ADMIN ON *.*',
  ],
  [
    1227,
    'Access denied; you need (at least one of) the SUPER privilege(s) for this operation',
    'KILL 1',
    'SUPER ON *.*',
  ],
  [
    1370,
    "alter routine command denied to user 'ann'@'h' for routine 'user_db.p'",
    'DROP PROCEDURE p',
    'ALTER ROUTINE ON `user\\_db`.*',
  ],
  [1370, "execute command denied to user 'ann'@'h' for routine 'user_db.p'", 'CALL p()', 'EXECUTE ON `user\\_db`.*'],
  [
    1345,
    'EXPLAIN/SHOW can not be issued; lacking privileges for underlying table',
    'EXPLAIN SELECT 1',
    'SELECT, SHOW VIEW ON `user\\_db`.*',
  ],
]

describe('an error of missing rights', () => {
  test.each(cases)('%i %s (%s) is brought by GRANT %s', (errno, message, statement, grant) => {
    expect(missingGrant({ errno, message }, statement, session)).toBe(`GRANT ${grant} TO 'ann'@'10.%'`)
  })

  test('names no GRANT where its message names no right', () => {
    expect(missingGrant({ errno: 1227, message: 'Access denied' }, 'SELECT 1', session)).toBeNull()
    expect(missingGrant({ errno: 1064, message: 'You have an error' }, 'SELEC', session)).toBeNull()
    expect(
      missingGrant({ errno: 1142, message: "SELECT command denied to user 'a'@'h' for table 't'" }, 'SELECT 1 FROM t', {
        ...session,
        schema: null,
      }),
    ).toBeNull()
  })
})

import { describe, expect, test } from 'vitest'
import { mayBuildMove } from '../../../../src/sql/procedures/built-text.ts'
import { readBody } from '../../../../src/sql/procedures/read-body.ts'
import { mayCommitItself, mayUndoAndCommit, readCall } from '../../../../src/sql/procedures/read-call.ts'
import type { ObjectName } from '../../../../src/sql/statement.ts'

describe('the statements of a body', () => {
  test.each<readonly [body: string, statements: readonly string[]]>([
    ['CREATE PROCEDURE p() DO 0', ['DO 0']],
    [
      "CREATE PROCEDURE p(IN a INT, OUT b CHAR(3)) COMMENT 'DROP' NOT DETERMINISTIC MODIFIES SQL DATA DELETE FROM t",
      ['DELETE FROM t'],
    ],
    [
      'CREATE DEFINER=`a`@`b` PROCEDURE IF NOT EXISTS app.p () READS SQL DATA SQL SECURITY INVOKER SELECT 1',
      ['SELECT 1'],
    ],
    ['BEGIN UPDATE t SET a = 1; DROP TABLE x; END', ['UPDATE t SET a = 1', 'DROP TABLE x']],
    [
      "BEGIN IF NOT EXISTS (SELECT 1 FROM t) THEN ALTER TABLE t ADD c INT; ELSEIF CASE a WHEN 1 THEN 2 END THEN SET @a = 'x;y'; ELSE CALL q(); END IF; END",
      ['ALTER TABLE t ADD c INT', "SET @a = 'x;y'", 'CALL q()'],
    ],
    ['l: BEGIN x: WHILE n > 0 DO DELETE FROM t LIMIT 1; LEAVE x; END WHILE x; END l', ['DELETE FROM t LIMIT 1']],
    ['BEGIN REPEAT COMMIT; UNTIL done END REPEAT; LOOP ROLLBACK; END LOOP; END', ['COMMIT', 'ROLLBACK']],
    [
      'BEGIN CASE a WHEN 1 THEN DROP TABLE a; WHEN 2 THEN DROP TABLE b; ELSE DROP TABLE c; END CASE; END',
      ['DROP TABLE a', 'DROP TABLE b', 'DROP TABLE c'],
    ],
    [
      "BEGIN DECLARE a, b INT DEFAULT 'x'; DECLARE c CURSOR FOR SELECT n FROM t; DECLARE EXIT HANDLER FOR SQLSTATE '42S01', 1051 BEGIN TRUNCATE t; END; OPEN c; FETCH c INTO a; CLOSE c; END",
      ["SET declared = 'x'", 'SELECT n FROM t', 'TRUNCATE t'],
    ],
  ])('%s', (body, statements) => {
    expect(readBody(body).statements).toEqual(statements)
  })

  test.each<readonly [body: string, certain: readonly boolean[]]>([
    ['BEGIN DO 1; IF a THEN DO 2; ELSE DO 3; END IF; DO 4; END', [true, false, false, true]],
    ['BEGIN CASE a WHEN 1 THEN DO 1; END CASE; DO 2; END', [false, true]],
    [
      'BEGIN REPEAT DO 1; UNTIL a END REPEAT; DO 2; x: LOOP DO 3; LEAVE x; END LOOP x; DO 4; END',
      [false, true, false, false],
    ],
    ['BEGIN WHILE a DO DO 1; END WHILE; BEGIN DO 2; END; IF a THEN RETURN; END IF; DO 3; END', [false, true, false]],
    ['BEGIN DECLARE EXIT HANDLER FOR NOT FOUND DO 1; DO 2; END', [false, false]],
    ['CREATE PROCEDURE p() DO 1', [true]],
  ])('statements of %s that run exactly once are known', (body, certain) => {
    expect(readBody(body).certain).toEqual(certain)
  })

  test('a handler for the end of a cursor does not handle errors', () => {
    const handles = (condition: string): boolean =>
      readBody(`BEGIN DECLARE CONTINUE HANDLER FOR ${condition} SET @a = 1; DO 0; END`).handlesErrors
    expect(['NOT FOUND', 'SQLEXCEPTION', '1213'].map(handles)).toEqual([false, true, true])
  })
})

function call(bodies: Readonly<Record<string, string>>, text = 'CALL p()') {
  const procedure: ObjectName = { type: 'procedure', schema: null, name: 'p' }
  return readCall({ procedure, schema: 'app', text, find: ({ name }) => bodies[name] })
}

describe('what a CALL commits', () => {
  test.each<readonly [commits: boolean, undoes: boolean, bodies: Readonly<Record<string, string>>]>([
    [false, false, { p: 'UPDATE t SET a = 1' }],
    [
      false,
      false,
      { p: 'BEGIN DECLARE CONTINUE HANDLER FOR SQLEXCEPTION DO 0; INSERT INTO t VALUES (1); ROLLBACK; END' },
    ],
    [
      false,
      false,
      { p: 'CALL q()', q: 'BEGIN DECLARE a INT; SET a = 1; CREATE TEMPORARY TABLE x (a INT); CALL p(); END' },
    ],
    [false, false, { p: "BEGIN PREPARE s FROM 'DELETE FROM t'; EXECUTE s; DEALLOCATE PREPARE s; END" }],
    [true, false, { p: 'ALTER TABLE t ADD a INT' }],
    [true, false, { p: 'CALL q()', q: 'COMMIT' }],
    [true, false, { p: 'SET autocommit = 1' }],
    [true, false, { p: "BEGIN SET @s = CONCAT('ALTER TABLE ', 't', ' ADD a INT'); PREPARE s FROM @s; EXECUTE s; END" }],
    [true, true, { p: 'BEGIN ROLLBACK; COMMIT; END' }],
    [true, true, { p: 'BEGIN DECLARE CONTINUE HANDLER FOR 1213 DO 0; DELETE FROM t; COMMIT; END' }],
    [true, true, { p: 'CALL q()' }],
    [true, true, { p: 'BEGIN SET @s = a_parameter; PREPARE s FROM @t; EXECUTE s; END' }],
    [true, true, { p: "CREATE PROCEDURE p() LANGUAGE JAVASCRIPT AS 'x'" }],
  ])('commits: %s, may undo first: %s, %o', (commits, undoes, bodies) => {
    const called = call(bodies)
    expect([mayCommitItself(called), mayUndoAndCommit(called)]).toEqual([commits, undoes])
  })

  test('arguments may become parts of a built text', () => {
    const bodies = { p: 'BEGIN SET @s = a; PREPARE s FROM @s; EXECUTE s; END' }
    expect(call(bodies, "CALL p('DROP TABLE t')").buildsMoves).toBe(false)
    expect(call(bodies, "CALL p('CALL q()')").buildsMoves).toBe(true)
    expect(call(bodies, 'CALL p(@unknown)').buildsMoves).toBe(true)
  })
})

test.each([
  [
    false,
    "SET @s = IF((SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_NAME = 't') > 0, 'SELECT 1', 'ALTER TABLE t ADD change_at INT')",
  ],
  [true, "SET @s = CONCAT('ALTER TABLE t REN', 'AME TO u')"],
  [true, 'SET @s = (SELECT text FROM texts)'],
  [true, 'SET @s = UNHEX(REVERSE(0x41))'],
  [true, "SET @s = x'414243'"],
  [true, "SET @s = app.build('t')"],
])('a built text may move existing data: %s, %s', (expected, text) => {
  expect(mayBuildMove([text])).toBe(expected)
})

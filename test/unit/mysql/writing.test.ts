import { describe, expect, test } from 'vitest'
import { effectOf } from '../../../src/mysql/writing.ts'

describe('the effect of a packet', () => {
  test.each([
    'SELECT 1',
    ' (SELECT 1) UNION SELECT 2',
    "SELECT GET_LOCK('wwdb:1',0)",
    'SET SESSION sql_mode=DEFAULT, autocommit=1',
    'START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY',
    'SHOW CREATE TABLE `update`',
    'ROLLBACK;SELECT runner FROM j WHERE state IN (1);COMMIT',
    "SELECT 'a; DROP TABLE t; '",
    'SELECT "a;DELETE FROM t", `b;DELETE`',
    'SELECT 1 /* ; DELETE FROM t */',
    'SELECT 1\n-- ;\n# ; DROP TABLE t\n',
    'WITH t AS (SELECT 1) SELECT * FROM t',
    'KILL QUERY 12',
    'XA RECOVER',
    'XA RECOVER CONVERT XID',
    'USE app',
    '',
  ])('is reading: %s', (text) => {
    expect(effectOf(text)).toBe('reads')
  })

  test.each([
    'INSERT INTO t VALUES (1)',
    '  insert ignore into t values (1)',
    '/* why */ UPDATE t SET a=1',
    '-- why\nDELETE FROM t',
    "SELECT IF(IS_USED_LOCK('a')=1,1,JSON_EXTRACT('[','$'));UPDATE j SET state='done';COMMIT",
    "START TRANSACTION;INSERT INTO t VALUES (';');COMMIT",
    'CREATE TABLE t (id INT)',
    'RENAME TABLE a TO b',
    "GRANT SELECT ON *.* TO 'a'@'b'",
    'CALL p()',
    'KILL 12',
    "XA COMMIT 'a'",
    'SET GLOBAL max_connections=5',
    'SET PERSIST max_connections=5',
    'WITH d AS (SELECT 1) DELETE FROM t WHERE id IN (SELECT * FROM d)',
    "LOAD DATA INFILE 'a' INTO TABLE t",
  ])('is writing: %s', (text) => {
    expect(effectOf(text)).toBe('writes')
  })

  test.each([
    ['CREATE DATABASE IF NOT EXISTS `a`', 'creates-schema'],
    ['ROLLBACK;create schema a;CREATE TABLE a.b (id INT)', 'creates-schema'],
    ['DROP DATABASE `a`', 'drops-schema'],
    ['DROP TABLE a', 'writes'],
  ])('tells schemas from what is in them: %s', (text, effect) => {
    expect(effectOf(text)).toBe(effect)
  })

  test('filling a temporary table of the session is reading', () => {
    const temporary = new Set<string>()
    expect(effectOf('INSERT INTO `stage` VALUES (1)', temporary)).toBe('writes')
    expect(effectOf('CREATE TEMPORARY TABLE `stage` (id INT) SELECT 1 AS id', temporary)).toBe('reads')
    for (const statement of ['INSERT INTO `stage` VALUES (1)', 'DELETE FROM stage', 'DROP TEMPORARY TABLE a, `stage`'])
      expect(effectOf(statement, temporary)).toBe('reads')
    for (const statement of ['INSERT INTO `other` SELECT * FROM `stage`', 'CREATE TABLE t SELECT * FROM `stage`'])
      expect(effectOf(statement, temporary)).toBe('writes')
    expect(effectOf('INSERT INTO `stage` VALUES (1)', temporary)).toBe('writes')
  })
})

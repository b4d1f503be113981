import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Session } from '../../src/migrations/ports.ts'
import { mysqlSessions } from '../helpers/mysql/mysql-sessions.ts'
import { createSchema, type TestSchema } from '../helpers/servers/schema.ts'
import { testServerOf } from '../helpers/servers/servers.ts'

describe.each(['9.7', '8.0'] as const)('on MySQL %s', (version) => {
  let schema: TestSchema
  let first: Session
  let second: Session

  beforeEach(async () => {
    schema = await createSchema('t', await testServerOf(version))
    const open = mysqlSessions(schema)
    first = await open()
    second = await open()
  })

  afterEach(async () => {
    await Promise.all([first.close(), second.close()])
    await schema.drop()
  })

  /** Everything by which a statement could tell one value from another. */
  const seen = (session: Session): Promise<string | null> =>
    session.evaluate(
      `CONCAT_WS('|', IFNULL(HEX(@v), 'NULL'), LENGTH(@v), CHARSET(@v), IFNULL(CAST(@v AS BINARY), 'NULL'), IFNULL(@v / 3, 'NULL'), @v = '7', @v < 10)`,
    )

  test.each([
    '7',
    '-7',
    '0',
    '18446744073709551615',
    '-9223372036854775808',
    '1.50',
    '0.1',
    '-0.000001',
    '123456789012345678901234567890.123456789',
    '1e0 / 4',
    '2.5e300',
    'TRUE',
    'NULL',
    "'7'",
    "'007'",
    "''",
    "'it''s \\\\ \"quoted\"'",
    "'表情 😀'",
    "'x' COLLATE utf8mb4_bin",
    "_latin1 x'E9'",
    "CONVERT('表' USING gbk)",
    "x'00FF27'",
    "x''",
    "x'37'",
    "CAST('007' AS BINARY)",
    "CAST('1.5' AS BINARY)",
    "b'101'",
    "DATE'2026-12-04'",
    "TIMESTAMP'2026-12-04 10:20:30.123456'",
    'JSON_OBJECT("a", 1)',
    'UUID_TO_BIN(UUID())',
    'REPEAT("长", 5000)',
  ])('a variable of %s has the same value in the next session', async (value) => {
    await first.run(`SET @v = ${value}`)
    const variables = await first.readVariables(['v'])
    await second.restoreMemory({ lastInsertId: null, variables })
    expect(await seen(second)).toBe(await seen(first))
    expect(await second.readVariables(['v'])).toEqual(variables)
  })

  test('variables of any name, several at once, and one that was never set', async () => {
    await first.run("SET @`odd ``name` = 1, @`变量` = 2, @a.b$c = 'three'")
    const names = ['odd `name', '变量', 'a.b$c', 'never']
    const variables = await first.readVariables(names)
    await second.restoreMemory({ lastInsertId: null, variables })
    const values = await Promise.all(names.map((name) => second.readText(name)))
    expect(values).toEqual(['1', '2', 'three', null])
    expect(await first.readVariables([])).toEqual({})
  })

  test('LAST_INSERT_ID() above the largest integer of JavaScript', async () => {
    const large = '9007199254740993'
    await first.run(`CREATE TABLE t (id BIGINT AUTO_INCREMENT PRIMARY KEY) AUTO_INCREMENT=${large}`)
    expect(await first.run('INSERT INTO t VALUES ()')).toMatchObject({ lastInsertId: large, rows: 1 })
    await second.restoreMemory({ lastInsertId: large, variables: {} })
    expect(await second.evaluate('LAST_INSERT_ID()')).toBe(large)
  })

  test('restoreSession removes the leftovers of a migration, so that only the settings of a new session stay', async () => {
    const settings = `CONCAT_WS('|', @@sql_mode, @@time_zone, @@foreign_key_checks, @@lock_wait_timeout, @@autocommit, @@collation_connection, @@transaction_isolation, @@cte_max_recursion_depth, @mine)`
    await first.run("SET sql_mode = '', time_zone = '+09:00', foreign_key_checks = 0, lock_wait_timeout = 99")
    await first.run('SET cte_max_recursion_depth = 7, @mine = 1')
    await first.run('SET NAMES latin1')
    await first.run("PREPARE kept FROM 'DO 1'")
    await first.run('CREATE TEMPORARY TABLE stage (id INT)')
    await first.restoreSession({
      sessionVariables: ['sql_mode', 'time_zone', 'foreign_key_checks', 'lock_wait_timeout', 'cte_max_recursion_depth'],
      userVariables: ['mine'],
      prepared: ['kept', 'never there'],
      temporaryTables: ['stage', 'never there'],
    })
    expect(await first.evaluate(settings)).toBe(await second.evaluate(settings))
    await expect(first.run('EXECUTE kept')).rejects.toThrow(/Unknown prepared statement/)
    await expect(first.run('SELECT * FROM stage')).rejects.toThrow(/doesn't exist/)
  })
})

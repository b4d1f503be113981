import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Session } from '../../src/migrations/ports.ts'
import type { ObjectName } from '../../src/sql/statement.ts'
import { mysqlSessions } from '../helpers/mysql/mysql-sessions.ts'
import { createSchema, randomName, type TestSchema } from '../helpers/servers/schema.ts'
import { testServerOf } from '../helpers/servers/servers.ts'

describe.each(['9.7', '8.0'] as const)('on MySQL %s', (version) => {
  let schema: TestSchema
  let session: Session

  beforeEach(async () => {
    schema = await createSchema('t', await testServerOf(version))
    session = await mysqlSessions(schema)()
  })

  afterEach(async () => {
    await session.close()
    await schema.drop()
  })

  const run = async (...texts: readonly string[]): Promise<void> => {
    for (const text of texts) await session.run(text)
    await session.run('COMMIT')
  }
  const named = (type: ObjectName['type'], name: string, of: string | null = null): ObjectName => ({
    type,
    schema: of,
    name,
  })
  const look = async (object: ObjectName, identity = false): Promise<string | null> =>
    (await session.readDefinitions([object], identity))[0] ?? null

  const body = (number: number): string => `BEGIN DECLARE x INT; SET x = ${number}; END`
  test.each([
    ['table', [], 'CREATE TABLE thing (id INT PRIMARY KEY)', 'ALTER TABLE thing ADD c INT', 'DROP TABLE thing'],
    ['table', [], 'CREATE TABLE thing (id INT)', "ALTER TABLE thing COMMENT '说明'", 'DROP TABLE thing'],
    ['table', [], 'CREATE TABLE thing (id INT)', 'CREATE INDEX i ON thing (id)', 'DROP TABLE thing'],
    ['view', [], 'CREATE VIEW thing AS SELECT 1 AS a', 'ALTER VIEW thing AS SELECT 2 AS a', 'DROP VIEW thing'],
    [
      'procedure',
      [],
      `CREATE PROCEDURE thing() ${body(1)}`,
      "ALTER PROCEDURE thing COMMENT 'c'",
      'DROP PROCEDURE thing',
    ],
    [
      'function',
      [],
      'CREATE FUNCTION thing() RETURNS INT DETERMINISTIC RETURN 1',
      'ALTER FUNCTION thing SQL SECURITY INVOKER',
      'DROP FUNCTION thing',
    ],
    [
      'event',
      [],
      'CREATE EVENT thing ON SCHEDULE EVERY 1 DAY DISABLE DO DO 1',
      'ALTER EVENT thing ON SCHEDULE EVERY 2 DAY',
      'DROP EVENT thing',
    ],
  ] as const)(
    'a %s: null, a definition that stays, another, null (%s%s, %s)',
    async (type, before, make, change, remove) => {
      const thing = named(type, 'thing')
      await run(...before)
      expect(await look(thing)).toBeNull()
      await run(make)
      const made = await look(thing)
      expect(made).not.toBeNull()
      expect(await look(thing)).toBe(made)
      expect(await look({ ...thing, schema: schema.name })).toBe(made)
      await run(change)
      const changed = await look(thing)
      expect([changed === null, changed === made]).toEqual([false, false])
      await run(remove)
      expect(await look(thing)).toBeNull()
    },
  )

  test('a trigger: its presence, its text, its place among others', async () => {
    const trigger = named('trigger', 'thing')
    const create = (name: string, rest: string) => `CREATE TRIGGER ${name} BEFORE INSERT ON t FOR EACH ROW ${rest}`
    await run('CREATE TABLE t (id INT)')
    expect(await look(trigger)).toBeNull()
    await run(create('thing', 'SET @x = 1'))
    const first = await look(trigger)
    await run(create('other', 'PRECEDES thing SET @x = 2'))
    expect(await look(trigger)).not.toBe(first)
    await run('DROP TRIGGER other', 'DROP TRIGGER thing')
    expect(await look(trigger)).toBeNull()
    await run(create('thing', 'SET @x = 3'))
    expect(await look(trigger)).not.toBe(first)
  })

  test('a schema', async () => {
    const other = randomName('t')
    expect(await look(named('schema', other))).toBeNull()
    await run(`CREATE SCHEMA ${other} CHARACTER SET latin1`)
    const made = await look(named('schema', other))
    await run(`ALTER SCHEMA ${other} CHARACTER SET utf8mb4`)
    expect(await look(named('schema', other))).not.toBe(made)
    await run(`DROP SCHEMA ${other}`)
    expect(await look(named('schema', other))).toBeNull()
  })

  test('an account: itself, its grants, its password', async () => {
    const user = `${randomName('u')}'s`
    const quoted = `\`${user}\`@'%'`
    const account = named('account', `${user}@%`)
    expect(await look(named('account', 'CURRENT_USER'))).not.toBeNull()
    expect(await look(account)).toBeNull()
    await run(`CREATE USER ${quoted} IDENTIFIED BY 'one'`)
    const made = await look(account)
    expect(await look(account)).toBe(made)
    await run(`GRANT SELECT ON ${schema.name}.* TO ${quoted}`)
    const granted = await look(account)
    await run(`ALTER USER ${quoted} IDENTIFIED BY 'two'`)
    const changed = await look(account)
    expect(new Set([made, granted, changed]).size).toBe(3)
    await run(`DROP USER ${quoted}`)
    expect(await look(account)).toBeNull()
  })

  test('several at once come back in order, of any kinds and in any notation', async () => {
    await run('CREATE TABLE `o``d d` (id INT)', 'CREATE TABLE 表 (id INT)', 'CREATE VIEW v AS SELECT 1')
    const objects = [named('table', '表'), named('view', 'v'), named('table', 'gone'), named('table', 'o`d d')]
    const found = await session.readDefinitions(objects, false)
    expect(found.map((definition) => definition !== null)).toEqual([true, true, false, true])
    expect([found[0]?.includes('表'), found[1]?.includes('VIEW'), found[3]?.includes('o``d d')]).toEqual([
      true,
      true,
      true,
    ])
  })

  test('a view whose table is gone is still there', async () => {
    await run('CREATE TABLE t (id INT)', 'CREATE VIEW v AS SELECT * FROM t', 'DROP TABLE t')
    expect(await look(named('view', 'v'))).not.toBeNull()
  })

  test('rows do not change a table’s definition, nor does its counter', async () => {
    await run('CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, c VARCHAR(20)) COMMENT="AUTO_INCREMENT=7"')
    const before = await look(named('table', 't'))
    await run("INSERT INTO t (c) VALUES ('a'), ('b')")
    expect(await look(named('table', 't'))).toBe(before)
    expect(before).toContain('AUTO_INCREMENT=7')
  })

  test('identity distinguishes tables of one definition: after TRUNCATE, and after a swap', async () => {
    await run('CREATE TABLE a (id INT)', 'CREATE TABLE b (id INT)', 'CREATE TABLE `odd-名` (id INT)')
    const names = ['a', 'b', 'odd-名'].map((name) => named('table', name))
    const before = await session.readDefinitions(names, true)
    expect(await session.readDefinitions(names, true)).toEqual(before)
    await run('RENAME TABLE a TO tmp, b TO a, tmp TO b')
    const swapped = await session.readDefinitions(names, true)
    expect([swapped[0] === before[0], swapped[1] === before[1], swapped[2] === before[2]]).toEqual([false, false, true])
    await run('TRUNCATE TABLE `odd-名`')
    expect((await session.readDefinitions(names, true))[2]).not.toBe(before[2])
  })

  test('settings that a migration made do not change what is read', async () => {
    await run('CREATE TABLE t (id INT, at TIMESTAMP NULL DEFAULT "2026-01-01 00:00:00")')
    const before = await look(named('table', 't'))
    await run(
      "SET sql_mode = 'ANSI_QUOTES', time_zone = '+05:00', sql_quote_show_create = 0",
      'CREATE TEMPORARY TABLE t (other INT)',
    )
    expect(await look(named('table', 't'))).toBe(before)
  })
})

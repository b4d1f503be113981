import { describe, expect, test } from 'vitest'
import { readContent } from '../../../../src/migrations/files/large-file.ts'

const request = { file: 'f.sql', repeatable: false, database: 'app', databases: ['app', 'user_db'] }
const read = (...lines: readonly string[]) => readContent(lines.join('\n'), request)
const header = '-- wwdb:shards messages'

test('a file may say that it runs on the shards of a family, and name their table', () => {
  const { headers, content, faults } = read(
    header,
    '-- migrate:up',
    'ALTER TABLE {{table}} ADD COLUMN flag TINYINT NOT NULL DEFAULT 0, ADD KEY `idx_{{table}}` (flag);',
    'CREATE INDEX idx_flag ON {{table}} (flag);',
    'UPDATE {{table}} SET flag = 1 WHERE id IN (SELECT id FROM {{schema:user_db}}.users);',
    'ALTER TABLE `{{table}}` ADD FOREIGN KEY (flag) REFERENCES {{sibling:groups}} (id);',
    '-- migrate:down',
    'ALTER TABLE {{table}} DROP COLUMN flag;',
  )
  expect(faults).toEqual([])
  expect(headers.shards).toBe('messages')
  expect(content.up).toMatchObject({ statements: [{ objects: [{ name: '{{table}}' }] }, {}, {}, {}] })
})

test('a file without the header runs on no shards', () => {
  expect(read('-- migrate:up', 'DO 1;').headers.shards).toBeNull()
})

test('without the header the placeholder is refused, and the header named', () => {
  const { faults } = read('-- migrate:up', 'ALTER TABLE {{table}} ADD x INT;')
  expect(faults).toMatchObject([
    {
      what: '{{table}} is not a placeholder that a migration can use.',
      where: { file: 'f.sql', line: 2, column: 13 },
      next: 'To change every shard of a family, write the header -- wwdb:shards FAMILY above "-- migrate:up".',
    },
  ])
})

describe('what it must not contain', () => {
  test.each([
    ['CREATE TABLE {{table}} (id INT)', 'CREATE TABLE is not allowed in a migration that runs on shards.'],
    ['DROP TABLE {{table}}', 'DROP TABLE is not allowed in a migration that runs on shards.'],
    ['TRUNCATE TABLE {{table}}', 'TRUNCATE TABLE is not allowed in a migration that runs on shards.'],
    ['CALL tidy()', 'CALL is not allowed in a migration that runs on shards.'],
    ['SET @x = 1', 'SET is not allowed in a migration that runs on shards.'],
    ['UPDATE users SET a = 1', 'This statement does not name {{table}}.'],
    ["UPDATE users SET a = '{{table}}'", 'This statement does not name {{table}}.'],
    [
      'ALTER TABLE users ADD FOREIGN KEY (a) REFERENCES {{table}} (id)',
      'This statement changes `users`, which is not a shard.',
    ],
    ['ALTER TABLE {{table}} RENAME TO other', 'A migration that runs on shards may not rename them.'],
    ['ALTER TABLE {{table}} DISCARD TABLESPACE', "This changes a shard's rows without changing its definition."],
    ['ALTER TABLE {{table}} TRUNCATE PARTITION p0', "This changes a shard's rows without changing its definition."],
    ['INSERT INTO totals SELECT COUNT(*) FROM {{table}}', 'This statement changes `totals`, which is not a shard.'],
  ])('%s', (text, what) => {
    const { faults } = read(header, '-- migrate:up', `${text};`)
    expect(faults.map((fault) => fault.what).at(-1)).toMatch(what)
    expect(faults.at(-1)).toMatchObject({ where: { file: 'f.sql', line: 3, column: 1 }, why: expect.any(String) })
  })

  test('the down part is judged alike', () => {
    const { faults } = read(
      header,
      '-- migrate:up',
      'ALTER TABLE {{table}} ADD x INT;',
      '-- migrate:down',
      'DROP TABLE y;',
    )
    expect(faults).toMatchObject([{ where: { line: 5 } }])
  })

  test('a refused statement is reported once', () => {
    expect(read(header, '-- migrate:up', 'LOCK TABLES {{table}} WRITE;').faults).toHaveLength(1)
  })
})

test.each([
  ['', 'The header `wwdb:shards` does not name a shard family.'],
  ['messages contacts', '"messages contacts" is not the name of one shard family.'],
  ['`messages`', '"`messages`" is not the name of one shard family.'],
])('the header takes one name, not %j', (argument, what) => {
  const { faults } = read(`-- wwdb:shards ${argument}`, '-- migrate:up', 'ALTER TABLE {{table}} ADD x INT;')
  expect(faults[0]).toMatchObject({ what, where: { file: 'f.sql', line: 1 } })
})

test('a second header is refused, and so is one of a repeatable migration', () => {
  const twice = read(header, '-- wwdb:shards contacts', '-- migrate:up', 'ALTER TABLE {{table}} ADD x INT;')
  expect(twice.faults).toMatchObject([{ what: 'The file has a second header `wwdb:shards`.', where: { line: 2 } }])
  const text = `${header}\n-- migrate:up\nALTER TABLE {{table}} ADD x INT;`
  const { faults } = readContent(text, { ...request, repeatable: true })
  expect(faults[0]?.what).toMatch(/^A repeatable migration cannot run on shards/)
})

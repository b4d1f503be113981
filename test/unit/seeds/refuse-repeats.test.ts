import { describe, expect, it } from 'vitest'
import { type RepeatedTable, refuseRepeats } from '../../../src/seeds/refuse-repeats.ts'
import { toStatement } from '../../../src/sql/classify.ts'
import { scan } from '../../../src/sql/scanner.ts'

const tables: Readonly<Record<string, RepeatedTable>> = {
  roles: { uniqueKeys: [['id'], ['code']], vindex: ['code'] },
  rights: { uniqueKeys: [['id'], ['role_id', 'action']], vindex: ['role_id'] },
  spread: { uniqueKeys: [['id']], vindex: ['n'] },
}

function judge(text: string): readonly string[] {
  const statements = [...scan(text, { file: 'seeds/message_db/a.sql' })]
    .filter((piece) => piece.type === 'statement')
    .map((piece, index) => toStatement(piece, index))
  const refused = refuseRepeats(statements, (name) => tables[name.toLowerCase()] ?? null)
  return refused.map(({ statement, why }) => `${statement.index + 1}: ${why}`)
}

describe('statements of seeds that a sharded keyspace may run twice', () => {
  it.each([
    "INSERT IGNORE INTO roles (code, title) VALUES ('a', NULL), ('b', UPPER('x'))",
    "insert into `Roles` (`Code`, title) values ('a', NOW()) on duplicate key update title = values(title), code = VALUES(`code`)",
    "INSERT IGNORE rights (role_id, action, id) VALUES (-7, 'read', 1)",
    "UPDATE roles SET title = 'x', level = DEFAULT, seen = NOW() WHERE title = 'y'",
    "UPDATE roles AS r SET r.title = 'x' WHERE r.code IN ('a', 'b') ORDER BY id",
    "DELETE FROM roles WHERE code = 'a'; UPDATE roles SET title = 'x' WHERE code = 'b'",
    "INSERT IGNORE INTO roles (code) VALUES ('a'); UPDATE roles SET title = 'x' WHERE code = 'a'",
    'SELECT 1 FROM roles',
    'INSERT IGNORE INTO unknown (a) VALUES (1)',
  ])('%s', (text) => {
    expect(judge(text)).toEqual([])
  })

  it.each([
    ["INSERT INTO roles (code) VALUES ('a')", /^1: Rows that a shard has committed would be inserted a second time/],
    ["INSERT IGNORE INTO roles VALUES (1, 'a')", /does not name the columns/],
    ["INSERT IGNORE INTO roles SET code = 'a'", /does not name the columns/],
    ["INSERT IGNORE INTO roles (title) VALUES ('a')", /vindex leads from `code`/],
    ["INSERT IGNORE INTO roles (code) VALUES ('a'), (UUID())", /vindex leads from `code`/],
    ['INSERT IGNORE INTO roles (code) VALUES (NULL)', /vindex leads from `code`/],
    ['INSERT IGNORE INTO spread (n) VALUES (1)', /No unique key has all of its columns/],
    ["INSERT IGNORE INTO rights (role_id, action) VALUES (1, CONCAT('a', 'b'))", /No unique key has all/],
    [
      "INSERT INTO roles (code, n) VALUES ('a', 1) ON DUPLICATE KEY UPDATE n = n + 1",
      /`n` of a row that it has inserted would change/,
    ],
    ["INSERT INTO roles (code, n) VALUES ('a', 1) ON DUPLICATE KEY UPDATE n = 2", /`n` of a row/],
    ["INSERT IGNORE INTO roles (code) SELECT code FROM spread WHERE n = 'a'", /It reads rows/],
    ["UPDATE roles SET title = (SELECT 'x') WHERE code = 'a'", /It reads rows/],
    ["DELETE FROM roles WHERE id IN (SELECT role_id FROM rights WHERE action = 'a')", /It reads rows/],
    ['UPDATE roles SET level = level + 1', /value of `level` may depend/],
    ['UPDATE roles SET title = code', /value of `title` may depend/],
    ["UPDATE roles SET code = 'b' WHERE code = 'a'", /changes `code`, by which rows are found again/],
    ["UPDATE roles SET title = 'x' LIMIT 1", /`LIMIT` makes UPDATE choose other rows/],
    ['DELETE FROM roles ORDER BY id LIMIT 1', /`LIMIT` makes DELETE choose other rows/],
    ["UPDATE roles r JOIN rights g ON g.role_id = r.id SET r.title = 'x'", /names several tables/],
    [
      "UPDATE roles SET state = 'old' WHERE state = 'new'; UPDATE roles SET state = 'new' WHERE state = 'next'",
      /^1: Its condition reads `state`, which another statement changes/,
    ],
    ["UPDATE roles SET state = 'old' WHERE n = 1; DELETE FROM roles WHERE state = 'old'", /^2: Its condition reads/],
    [
      "UPDATE roles SET title = 'x' WHERE level = 1; INSERT IGNORE INTO roles (code, level) VALUES ('a', 1)",
      /^2: An UPDATE of `roles` before it/,
    ],
    [
      "INSERT IGNORE INTO roles (code) VALUES ('a'); DELETE FROM roles WHERE level = 1",
      /^1: Rows of `roles` are deleted/,
    ],
  ])('not %s', (text, said) => {
    expect(judge(text)[0]).toMatch(said)
  })
})

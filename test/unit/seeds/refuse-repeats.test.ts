import { describe, expect, it } from 'vitest'
import { refuseRepeats } from '../../../src/seeds/refuse-repeats.ts'
import type { RepeatedKey, RepeatedTable } from '../../../src/seeds/repeated-table.ts'
import { toStatement } from '../../../src/sql/classify.ts'
import { scan } from '../../../src/sql/scanner.ts'

const whole = (...columns: readonly string[]): RepeatedKey => ({ name: columns.join(', '), columns, type: 'whole' })
const table = (vindex: string, ...keys: readonly RepeatedKey[]): RepeatedTable => ({
  ...{ keys, vindex: [vindex], numbered: null, following: [], computedDefaults: [] },
})
const tables: Readonly<Record<string, RepeatedTable>> = {
  roles: {
    ...table('code', whole('id'), whole('code')),
    ...{ numbered: 'id', following: ['doubled', 'changed_at'], computedDefaults: ['token'] },
  },
  rights: { ...table('role_id', whole('id'), whole('role_id', 'action')), numbered: 'id' },
  spread: table('n', whole('id')),
  /** Rows with two keys of their own. */
  two: table('t', whole('t', 'id'), whole('t', 'code')),
  begun: table('id', whole('id'), { name: 'uk_begin', columns: ['title'], type: 'prefix' }),
  lowered: table('id', whole('id'), { name: 'uk_lower', columns: [], type: 'computed' }),
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
    "INSERT INTO roles (code, title) VALUES ('a', 'x') AS new ON DUPLICATE KEY UPDATE title = new.title",
    "INSERT IGNORE INTO roles (roles.code, token) VALUES ('a', UUID())",
    "INSERT INTO rights (id, role_id, action, n) VALUES (NULL, 1, 'a', 2) ON DUPLICATE KEY UPDATE n = VALUES(n)",
    "INSERT IGNORE INTO two (t, id, code) VALUES (1, 2, 'b'), (1, 1, 'a')",
    "INSERT IGNORE INTO lowered (id) VALUES (1); DELETE FROM two WHERE LOWER(code) IN ('a', 'b') AND n > 1 - 2",
    "UPDATE roles SET seen = NOW() + INTERVAL 1 DAY, body = X'41', born = DATE '2026-01-01', title = _utf8mb4 'a' COLLATE utf8mb4_bin",
    "UPDATE roles SET n = CAST('1' AS UNSIGNED), options = JSON_ARRAY(1, NULL), title = CASE WHEN 1 THEN 'x' ELSE 'y' END",
    "UPDATE roles SET title = 'x' WHERE doubled = 4 AND title LIKE 'a%' ORDER BY id",
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
      "INSERT INTO two (t, id, code) VALUES (1, 2, 'b'), (1, 1, 'a') ON DUPLICATE KEY UPDATE code = VALUES(code)",
      /may meet one row by `t, id` and another one by `t, code`/,
    ],
    [
      "INSERT INTO rights (role_id, action) VALUES (1, 'a') ON DUPLICATE KEY UPDATE id = VALUES(id)",
      /It changes `id`, which belongs to a unique key/,
    ],
    [
      "INSERT INTO begun (id, title) VALUES (1, 'a') ON DUPLICATE KEY UPDATE title = VALUES(title)",
      /may meet one row by `id` and another one by `uk_begin`/,
    ],
    ["UPDATE begun SET title = 'x'", /changes `title`, by which rows are found again/],
    ["UPDATE lowered SET title = 'x'", /unique key `uk_lower` is computed/],
    [
      'INSERT INTO lowered (id, n) VALUES (1, 2) ON DUPLICATE KEY UPDATE n = VALUES(n)',
      /may meet one row by `id` and another one by `uk_lower`/,
    ],
    ["INSERT INTO roles (code) VALUES ('a') ON DUPLICATE KEY UPDATE n = VALUES(n)", /have no value for it/],
    [
      "INSERT INTO roles (code, token) VALUES ('a', UUID()) ON DUPLICATE KEY UPDATE token = VALUES(token)",
      /`UUID` may give `token` another value/,
    ],
    [
      "INSERT INTO roles (code, token) VALUES ('a', DEFAULT) ON DUPLICATE KEY UPDATE token = VALUES(token)",
      /`DEFAULT` may give `token` another value/,
    ],
    ["INSERT IGNORE INTO roles (code, n) VALUES ('a', ROW_COUNT())", /`ROW_COUNT` may give `n` another value/],
    ["INSERT IGNORE INTO roles (code, n) VALUES ROW('a', UUID())", /Not each of its rows has a value/],
    ["INSERT IGNORE INTO roles (code, n) VALUES ('a')", /Not each of its rows has a value/],
    ["INSERT IGNORE INTO roles (title, code) VALUES ('a', UUID())", /vindex leads from `code`/],
    ["INSERT INTO roles (code, n) VALUES ('a', 1) AS new ON DUPLICATE KEY UPDATE n = new.m", /`n` of a row/],
    ['UPDATE roles SET token = UUID()', /`UUID` may give `token` another value/],
    ['UPDATE roles SET token = DEFAULT', /`DEFAULT` may give `token` another value/],
    ['UPDATE roles SET n = ROW_COUNT()', /`ROW_COUNT` may give `n` another value/],
    ["UPDATE roles SET n = own_function('a')", /`own_function` may give `n` another value/],
    ['UPDATE roles SET title = `upper`', /value of `title` may depend on values of the row/],
    ['DELETE FROM roles WHERE RAND() < 0.5', /condition reads `RAND`, which may find other rows/],
    ["UPDATE roles SET title = 'x' WHERE seen < CURRENT_TIMESTAMP", /condition reads `CURRENT_TIMESTAMP`/],
    [
      "UPDATE roles SET title = 'x' WHERE code = 'a'; DELETE FROM roles WHERE changed_at < '2026-01-01'",
      /^2: Its condition reads `changed_at`, which another statement changes/,
    ],
    [
      "INSERT INTO roles (code, level) VALUES ('a', 1) ON DUPLICATE KEY UPDATE level = VALUES(level); UPDATE roles SET title = 'x' WHERE doubled = 4",
      /^2: Its condition reads `doubled`/,
    ],
    ['DO SLEEP(1)', /A second DO may leave something else/],
    ["UPDATE roles USE INDEX (uk_code) SET title = 'x'", /Which table it changes is not seen in this form/],
    ["DELETE roles FROM roles WHERE code = 'a'", /Which table it changes is not seen in this form/],
    ["UPDATE roles, rights SET roles.title = 'x'", /names several tables/],
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

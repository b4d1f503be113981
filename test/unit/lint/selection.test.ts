import { describe, expect, test } from 'vitest'
import type { Schema } from '../../../src/ddl/schema.ts'
import { selectionOf } from '../../../src/lint/taken-rows.ts'
import { tokenize } from '../../../src/sql/tokens.ts'
import { serverWith, stateOf } from '../../helpers/ddl/known-tables.ts'

const columns =
  "(id INT PRIMARY KEY, u INT UNSIGNED NOT NULL, n INT, tx VARCHAR(20), active TINYINT(1) NOT NULL, kind ENUM('a','b') NOT NULL, made DATETIME NOT NULL)"

const known = serverWith({ t: stateOf(`CREATE TABLE t ${columns}`), o: stateOf(`CREATE TABLE o ${columns}`) })

const select = (text: string, tables?: Schema) => selectionOf(tokenize(text), 'DELETE', tables)
const inBoth = (condition: string) => [
  select(`DELETE FROM t WHERE ${condition}`, known),
  select(`DELETE FROM t WHERE ${condition}`),
]

describe('nothing shows that it leaves a row out', () => {
  test.each([
    'id IN (id)',
    '(id,1)=(id,1)',
    'IF(1,1,0)',
    '(SELECT 1)',
    '~0',
    'id IN (SELECT id FROM (SELECT * FROM t) z)',
    'id IN (SELECT id FROM t)',
    'id >= (SELECT MIN(id) FROM (SELECT id FROM t) q)',
    'LENGTH(id) > 0',
    'COALESCE(n,0) = COALESCE(n,0)',
    "tx LIKE '%'",
    "tx LIKE '%%' OR tx IS NULL",
    'id + 0 = id',
    'id - id = 0',
    'MOD(id, 1) = 0',
    'EXISTS (SELECT 1 FROM t)',
    'EXISTS (SELECT 1 FROM o)',
    'NOT EXISTS (SELECT 1 FROM t WHERE FALSE)',
    'id NOT IN (SELECT id FROM t WHERE FALSE)',
    '@x = 1',
    'NOW() > 0',
    'RAND() >= 0',
    'n XOR 1',
    'id BETWEEN id AND id',
    'n IS NULL OR n IN (n)',
    'ISNULL(id) = 0',
    "CONCAT(tx, '') = tx OR tx IS NULL",
    "DATABASE() = 'app'",
    'NOT (id IN (SELECT NULL))',
  ])('%s', (condition) => {
    for (const found of inBoth(condition)) expect(['every', 'unproven']).toContain(found)
  })

  test.each([
    'id < 4294967296',
    '4294967296 > id',
    'id >= -2147483648',
    'u >= 0',
    'u <> -1',
    'id <> 0',
    'active IN (0, 1)',
    "kind IN ('a','b')",
  ])('by the definitions of the columns: %s', (condition) => {
    expect(['every', 'unproven']).toContain(select(`DELETE FROM t WHERE ${condition}`, known))
  })

  test.each([
    'WITH c AS (SELECT id FROM t) DELETE FROM t WHERE id IN (SELECT id FROM c)',
    'WITH c AS (SELECT id FROM t), d (i) AS (SELECT id FROM c) DELETE FROM t WHERE id IN (SELECT i FROM d)',
    'DELETE a FROM t a, t b WHERE a.id = b.id',
    'DELETE a FROM t a JOIN t b ON a.id = b.id',
  ])('%s', (text) => {
    for (const found of [select(text, known), select(text)]) expect(['every', 'unproven']).toContain(found)
  })
})

describe('a choice by value', () => {
  test.each([
    'id = 1',
    "tx = 'a'",
    "'a' = tx",
    'n IS NULL',
    'id IN (1, 2, 3)',
    '(id, n) IN ((1, 2), (3, 4))',
    '(id, n) = (1, 2)',
    't.id = 7 AND LENGTH(tx) > 0',
    "tx = _utf8mb4'a' COLLATE utf8mb4_bin",
    'id = 1 OR id = 2',
    'id = LAST_INSERT_ID()',
    'id = ?',
    '1 = 0',
  ])('%s', (condition) => expect(inBoth(condition)).toEqual(['value', 'value']))
})

describe('a choice that only the rows show', () => {
  test.each([
    'id < 100',
    'n BETWEEN 1 AND 5',
    "made < '2020-01-01'",
    'made < NOW() - INTERVAL 30 DAY',
    'n IS NOT NULL',
    "tx <> 'a'",
    "tx LIKE 'a%'",
    "tx NOT LIKE '%@example.com'",
    'id NOT IN (1, 2)',
    'id IN (SELECT t_id FROM gone)',
    'id NOT IN (SELECT MIN(id) FROM t GROUP BY tx)',
    'id IN (SELECT id FROM t WHERE n = 1)',
    'NOT EXISTS (SELECT 1 FROM o WHERE o.n = t.id)',
    'n <> u',
    "day < '2000-01-01'",
    'year > 2000',
    "LOWER(tx) = 'abc'",
    'NOT (n = 1)',
    'active',
    'NOT active',
  ])('%s', (condition) => expect(inBoth(condition)).toEqual(['chosen', 'chosen']))
})

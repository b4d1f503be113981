import { describe, expect, test } from 'vitest'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { migration, withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()

const tables = `CREATE TABLE a (id INT PRIMARY KEY, x INT, d DATE, doc JSON, KEY k (x), KEY k2 (d));
CREATE TABLE b (id INT PRIMARY KEY, x INT, y VARCHAR(20), KEY k (x));
CREATE TABLE c (id INT PRIMARY KEY, z INT);
CREATE TABLE only (id INT PRIMARY KEY);
CREATE TABLE quick (id INT PRIMARY KEY);
CREATE TABLE oj (id INT PRIMARY KEY);
CREATE TABLE parts (id INT PRIMARY KEY, x INT) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN MAXVALUE);
CREATE TABLE sink (id INT PRIMARY KEY, n INT);`

/** Every form of `table_references` of the manual ("JOIN Clause", "Derived Tables", "VALUES", "TABLE", "Index Hints"): what stands after FROM, and a column of it. */
const forms: readonly (readonly [references: string, column: string])[] = [
  // table_factor: tbl_name [PARTITION (...)] [[AS] alias] [index_hint_list]
  ['a', 'a.id'],
  ['a AS t1', 't1.id'],
  ['a t1', 't1.id'],
  ['`a` `select`', '`select`.id'],
  ['{{schema:app}}.a', 'a.id'],
  ['only o', 'o.id'],
  ['quick q', 'q.id'],
  ['oj', 'oj.id'],
  ['oj o', 'o.id'],
  ['parts PARTITION (p0)', 'parts.id'],
  ['parts PARTITION (p0, p1) AS t1', 't1.id'],
  ['a USE INDEX (k), b', 'a.id'],
  ['a USE INDEX (), b', 'a.id'],
  ['a t1 IGNORE KEY (k, k2) JOIN b ON b.id = t1.id', 't1.id'],
  ['a FORCE INDEX FOR JOIN (k), b', 'b.id'],
  ['a USE INDEX FOR JOIN (k) USE KEY FOR ORDER BY (k2) JOIN b USE INDEX FOR GROUP BY (k) ON b.id = a.id', 'b.id'],
  ['a USE INDEX FOR ORDER BY (k), b IGNORE INDEX FOR GROUP BY (PRIMARY), c', 'c.id'],
  ['a USE INDEX (PRIMARY) IGNORE INDEX (k)', 'a.id'],
  // table_factor: (table_references)
  ['(a)', 'a.id'],
  ['((a))', 'a.id'],
  ['(a, b)', 'a.id'],
  ['((a, b), c)', 'c.id'],
  ['(a JOIN b ON a.id = b.id)', 'a.id'],
  ['a LEFT JOIN (b, c) ON (b.id = a.id AND c.id = a.id)', 'a.id'],
  ['a LEFT JOIN (b JOIN c ON c.id = b.id) ON b.id = a.id', 'a.id'],
  ['(a t1 CROSS JOIN b) STRAIGHT_JOIN c', 'c.id'],
  // joined_table
  ['a JOIN b', 'a.id'],
  ['a INNER JOIN b ON a.id = b.id INNER JOIN c ON c.id = b.id', 'c.id'],
  ['a CROSS JOIN b', 'b.id'],
  ['a STRAIGHT_JOIN b', 'b.id'],
  ['a STRAIGHT_JOIN b ON a.id = b.id', 'b.id'],
  ['a LEFT JOIN b USING (id)', 'b.id'],
  ['a LEFT OUTER JOIN b USING (id, x), c', 'c.id'],
  ['a RIGHT JOIN b ON a.id = b.id', 'b.id'],
  ['a RIGHT OUTER JOIN b ON a.id IN (1, 2)', 'b.id'],
  ['a JOIN b JOIN c ON c.id = b.id ON b.id = a.id', 'a.id'],
  ['a NATURAL JOIN b', 'b.id'],
  ['a NATURAL INNER JOIN b', 'b.id'],
  ['a NATURAL LEFT JOIN b', 'b.id'],
  ['a NATURAL LEFT OUTER JOIN b', 'b.id'],
  ['a NATURAL RIGHT JOIN b', 'b.id'],
  ['a NATURAL RIGHT OUTER JOIN b', 'b.id'],
  ['a, b, c', 'c.id'],
  ['a JOIN b ON EXTRACT(YEAR FROM a.d) = b.id AND (b.x = 1), c', 'c.id'],
  ["a JOIN b ON TRIM(LEADING ('x') FROM (b.y)) = a.id AND SUBSTRING((b.y) FROM 2 FOR 1) = ''", 'a.id'],
  ["a JOIN b ON TRIM((SELECT 'x') FROM b.y) = a.id", 'a.id'],
  // ODBC: { OJ table_reference }
  ['{ OJ a LEFT OUTER JOIN b ON a.id = b.id }', 'a.id'],
  ['{oj a LEFT JOIN b ON a.id = b.id}, c', 'c.id'],
  ['{ OJ a t1 LEFT OUTER JOIN { OJ b LEFT OUTER JOIN c ON c.id = b.id } ON b.id = t1.id }', 'b.id'],
  ['{ OJ (a, b) }', 'b.id'],
  ["a JOIN b ON a.d = { d '2020-01-01' } AND b.y <> { fn UCASE(b.y) }", 'a.id'],
  // table_subquery [AS] alias [(col_list)]
  ['(SELECT id FROM a) q', 'q.id'],
  ['(SELECT id FROM a) AS q', 'q.id'],
  ['(SELECT id, x FROM a) AS q (n, m)', 'q.n'],
  ['((SELECT id FROM a) UNION (SELECT id FROM b)) q', 'q.id'],
  ['(((SELECT id FROM a)) UNION ALL SELECT id FROM b ORDER BY id LIMIT 3) q', 'q.id'],
  ['(SELECT id FROM a UNION DISTINCT SELECT x FROM b) q', 'q.id'],
  ['(SELECT id FROM a INTERSECT SELECT id FROM b EXCEPT SELECT id FROM c) q', 'q.id'],
  ['(SELECT a.id FROM a JOIN b ON a.id = b.id WHERE a.x IN ((SELECT x FROM b) UNION SELECT z FROM c)) q', 'q.id'],
  ['(SELECT MAX(id) OVER w AS id FROM a WINDOW w AS (PARTITION BY x)) q, b', 'q.id'],
  ['(SELECT id FROM a LOCK IN SHARE MODE) q', 'q.id'],
  ['(SELECT a.id FROM a JOIN b FOR SHARE OF a SKIP LOCKED) q', 'q.id'],
  ['(TABLE c) q', 'q.id'],
  ['(TABLE c ORDER BY z LIMIT 2) q', 'q.id'],
  ['(TABLE c UNION TABLE c) q', 'q.id'],
  ['(VALUES ROW(1, 2), ROW(3, 4)) q', 'q.column_0'],
  ['(VALUES ROW(1), ROW(2)) AS q (n)', 'q.n'],
  ['(VALUES ROW((SELECT MAX(id) FROM a))) q (n), b', 'q.n'],
  ['(SELECT 1 AS id) q', 'q.id'],
  ['(SELECT 1 AS id FROM DUAL) q', 'q.id'],
  // with_clause in a derived table
  ['(WITH w AS (SELECT id FROM a) SELECT id FROM w) q', 'q.id'],
  ['(WITH w (n) AS (SELECT id FROM a), v AS (SELECT n FROM w) SELECT v.n FROM v JOIN w USING (n)) q', 'q.n'],
  [
    '(WITH RECURSIVE w AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM w WHERE n < 5) SELECT n FROM w) q JOIN a ON a.id = q.n',
    'q.n',
  ],
  ['(WITH w AS (VALUES ROW(1)) TABLE w) q', 'q.column_0'],
  ['(WITH w AS (SELECT id FROM a) (SELECT id FROM w) UNION (SELECT id FROM b)) q', 'q.id'],
  ['a JOIN (WITH w AS (TABLE c) SELECT id FROM w) q USING (id)', 'q.id'],
  // LATERAL
  ['a, LATERAL (SELECT b.id FROM b WHERE b.x = a.x) q', 'q.id'],
  ['a LEFT JOIN LATERAL (SELECT id FROM b WHERE b.x = a.x LIMIT 1) AS q (n) ON TRUE', 'a.id'],
  ['a JOIN LATERAL (WITH w AS (SELECT a.x AS n) SELECT n FROM w) q', 'a.id'],
  ['a JOIN LATERAL (VALUES ROW(a.x)) q (n)', 'a.id'],
  // JSON_TABLE
  ["JSON_TABLE('[1,2]', '$[*]' COLUMNS (n INT PATH '$')) q", 'q.n'],
  [
    "a, JSON_TABLE(a.doc, '$[*]' COLUMNS (n FOR ORDINALITY, id INT PATH '$.a' DEFAULT '0' ON EMPTY ERROR ON ERROR, NESTED PATH '$.b[*]' COLUMNS (m INT PATH '$'))) AS q, b",
    'q.n',
  ],
  ["a LEFT JOIN JSON_TABLE(a.doc, '$[*]' COLUMNS (e INT EXISTS PATH '$.a')) q ON TRUE", 'a.id'],
]

const statements: readonly ((references: string, column: string, index: number) => string)[] = [
  (from, id) => `SELECT ${id} FROM ${from}`,
  (from, id) => `SELECT STRAIGHT_JOIN ${id} AS id FROM ${from} WHERE ${id} > 5 GROUP BY ${id} HAVING ${id} > 6`,
  (from, id) => `INSERT INTO sink (id) SELECT DISTINCT ${id} FROM ${from} WHERE ${id} = 6`,
  (from, id) => `INSERT INTO sink (id) (SELECT ${id} FROM ${from} WHERE ${id} = 5) ON DUPLICATE KEY UPDATE n = 1`,
  (from, id) => `REPLACE INTO sink (id) SELECT ${id} FROM ${from} WHERE ${id} = 5`,
  (from, id) => `UPDATE sink SET n = 1 WHERE sink.id = 1 AND sink.n IN (SELECT ${id} FROM ${from})`,
  (from, id) => `UPDATE sink s, ${from} SET s.n = 1 WHERE s.id = 1 AND s.id = ${id}`,
  (from, id) => `UPDATE sink s JOIN (SELECT ${id} AS id FROM ${from}) z ON z.id = s.id SET s.n = 2 WHERE s.id = 1`,
  (from, id) =>
    `WITH e AS (SELECT ${id} AS id FROM ${from}) UPDATE sink s JOIN e ON e.id = s.id SET s.n = 3 WHERE s.id = 1`,
  (from, id) => `DELETE FROM sink WHERE sink.id = 1 AND sink.n IN (SELECT ${id} FROM ${from})`,
  (from, id) => `DELETE s FROM sink s, ${from} WHERE s.id = 1 AND s.id = ${id}`,
  (from, id) => `DELETE FROM s USING sink AS s, ${from} WHERE s.id = 1 AND s.id = ${id}`,
  (from, id, index) => `CREATE TABLE made_${index} AS SELECT ${id} AS id FROM ${from} WHERE ${id} = 5`,
  (from, id, index) => `CREATE TABLE also_${index} (PRIMARY KEY (n)) SELECT 1 AS n, MAX(${id}) AS id FROM ${from}`,
  (from, id, index) => `CREATE VIEW seen_${index} AS SELECT ${id} AS id FROM ${from}`,
  (from, id) => `DO (SELECT COUNT(${id}) FROM ${from})`,
]

describe.each(versionsInTurn(import.meta.url))('on MySQL %s', (version) => {
  test('every form of a table reference passes the plan and runs, wherever the server takes it', async () => {
    const { url } = await testServerOf(version)
    const [opened, judge] = [await stage({ url }), await stage({ url })]
    for (const sql of tables.split(';\n')) await judge.query(sql.replace(/;$/, ''))
    const texts = forms.flatMap(([from, id], form) =>
      statements.map((write, kind) => write(from, id, form * statements.length + kind)),
    )
    const taken: string[] = []
    const refused: string[] = []
    for (const text of texts) {
      const asked = judge.query(text.replaceAll('{{schema:app}}', `\`${judge.schema('app')}\``))
      await asked.then(
        () => taken.push(text),
        (error: unknown) => refused.push(`${text}: ${String(error)}`),
      )
    }
    if (version === '9.7') expect(refused).toEqual([])
    opened.write('app/0001_tables.sql', migration(tables))
    expect(await opened.run(['migrate'])).toMatchObject({ exitCode: 0 })
    opened.write('app/0002_forms.sql', migration(taken.map((text) => `${text};\n`).join('')))
    const allowed = ['REPLACE_ROWS', 'UNRESUMABLE_CREATE_SELECT'].flatMap((code) => ['--allow', code])
    const run = await opened.run(['migrate', '--yes', ...allowed])
    expect(run.exitCode === 0 ? '' : run.stderr).toBe('')
  }, 120_000)
})

import { describe, expect, test } from 'vitest'
import { renderChunk } from '../../../../src/operate/batches/key-range.ts'
import { readWalk } from '../../../../src/operate/batches/read-walk.ts'

const key = {
  index: 'PRIMARY',
  columns: [{ name: 'id', kind: 'number', charset: null, collation: null, isInteger: true }],
} as const

/** The text of a chunk, with blanks as one. */
function chunkOf(text: string): string {
  const reading = readWalk(text)
  if (reading.type === 'refused') return reading.why
  return renderChunk(reading.walk, key, { after: ['5'], upTo: ['9'] }).replace(/\s+/g, ' ')
}

const range = (alias: string): string => `\`${alias}\`.\`id\` > 5 AND \`${alias}\`.\`id\` <= 9`

describe('a statement is cut at its WHERE', () => {
  test.each([
    ['UPDATE a SET n = n + 1', `UPDATE a SET n = n + 1 WHERE ${range('a')}`],
    ['UPDATE a SET n = 1 WHERE x = 1 OR y = 2 -- why', `UPDATE a SET n = 1 WHERE (x = 1 OR y = 2 ) AND ${range('a')}`],
    [
      'update ignore s.a as b set b.n = (select 1 from c) where 1',
      `update ignore s.a as b set b.n = (select 1 from c) WHERE (1 ) AND ${range('b')}`,
    ],
    [
      'UPDATE a JOIN b ON a.x = b.x SET b.n = a.n WHERE a.y > 1',
      `UPDATE a JOIN b ON a.x = b.x SET b.n = a.n WHERE (a.y > 1 ) AND ${range('b')}`,
    ],
    ['UPDATE a, (SELECT 1 AS k) d SET a.n = d.k', `UPDATE a, (SELECT 1 AS k) d SET a.n = d.k WHERE ${range('a')}`],
    ['DELETE FROM a', `DELETE FROM a WHERE ${range('a')}`],
    ['DELETE FROM a AS x WHERE x.n = 1', `DELETE FROM a AS x WHERE (x.n = 1 ) AND ${range('x')}`],
    [
      'DELETE x FROM a x LEFT JOIN b ON b.i = x.i WHERE b.i IS NULL',
      `DELETE x FROM a x LEFT JOIN b ON b.i = x.i WHERE (b.i IS NULL ) AND ${range('x')}`,
    ],
    ['DELETE FROM b USING a JOIN b ON a.i = b.i', `DELETE FROM b USING a JOIN b ON a.i = b.i WHERE ${range('b')}`],
    [
      'INSERT INTO t (i, n) SELECT id, n FROM a ON DUPLICATE KEY UPDATE n = 2',
      `INSERT INTO t (i, n) SELECT id, n FROM a WHERE ${range('a')} ON DUPLICATE KEY UPDATE n = 2`,
    ],
    [
      'REPLACE t SELECT x.id, MAX_X(x.n), (SELECT COUNT(*) FROM c) FROM a x JOIN b USING (id) WHERE x.n > 1',
      `REPLACE t SELECT x.id, MAX_X(x.n), (SELECT COUNT(*) FROM c) FROM a x JOIN b USING (id) WHERE (x.n > 1 ) AND ${range('x')}`,
    ],
    ['UPDATE `o"``d` SET n = 1', 'UPDATE `o"``d` SET n = 1 WHERE `o"``d`.`id` > 5 AND `o"``d`.`id` <= 9'],
    [
      'UPDATE a SET n = 1 WHERE EXISTS (SELECT 1 FROM b WHERE b.id = a.id)',
      `UPDATE a SET n = 1 WHERE (EXISTS (SELECT 1 FROM b WHERE b.id = a.id) ) AND ${range('a')}`,
    ],
  ])('%s', (text, chunk) => {
    expect(chunkOf(text)).toBe(chunk)
  })
})

describe('what cannot be split is refused', () => {
  test.each([
    ['UPDATE a SET n = 1 LIMIT 5', /LIMIT/],
    ['DELETE FROM a ORDER BY id', /ORDER BY/],
    ['UPDATE a SET n = (@i := @i + 1)', /user variable/],
    ['UPDATE a SET n = 1 /*!80000 WHERE id > 1 */', /executable comment/],
    ['UPDATE a JOIN b ON a.i = b.i SET n = 1', /not every column/],
    ['UPDATE a JOIN b ON a.i = b.i SET a.n = 1, b.n = 1', /several tables/],
    ['UPDATE a JOIN a c ON a.i = c.p SET a.n = c.n', /also reads `a`/],
    ['UPDATE a SET n = (SELECT MAX(n) FROM (SELECT n FROM a) x)', /also reads `a`/],
    ['DELETE FROM a WHERE i IN (SELECT p FROM s.a)', /also reads `a`/],
    ['DELETE FROM a WHERE i IN (SELECT p FROM c, a)', /also reads `a`/],
    ['DELETE a, b FROM a JOIN b', /several tables/],
    ['UPDATE (SELECT 1) d SET n = 1', /derived table/],
    ['INSERT INTO t VALUES (1)', /no rows of a SELECT/],
    ['INSERT INTO t SELECT n, COUNT(*) FROM a GROUP BY n', /GROUP/],
    ['INSERT INTO t SELECT MAX(n) FROM a', /MAX\(\)/],
    ['INSERT INTO t SELECT DISTINCT n FROM a', /DISTINCT/],
    ['INSERT INTO t SELECT n, ROW_NUMBER() OVER (ORDER BY n) FROM a', /OVER/],
    ['INSERT INTO t SELECT n FROM a UNION SELECT n FROM b', /UNION/],
    ['INSERT INTO t SELECT b.n FROM a RIGHT JOIN b ON a.i = b.i', /RIGHT JOIN/],
    ['INSERT INTO a (n) SELECT n FROM a', /table that it walks/],
    ['INSERT INTO t SELECT a.n FROM a LEFT JOIN t ON t.n = a.n', /inserts into `t`, which its SELECT also reads/],
    ['INSERT INTO s.t SELECT n, (SELECT COUNT(*) FROM t) FROM a', /inserts into `t`, which its SELECT also reads/],
    ['INSERT INTO t SELECT 1', /reads no table/],
    ['WITH x AS (SELECT 1) UPDATE a SET n = 1', /common table expression/],
    ['ALTER TABLE a ADD n INT', /Only UPDATE/],
  ])('%s', (text, why) => {
    expect(readWalk(text)).toEqual({ type: 'refused', why: expect.stringMatching(why) })
  })
})

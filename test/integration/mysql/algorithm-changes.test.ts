import { describe, expect, test } from 'vitest'
import { isRebuilt, readTableIds } from '../../../src/mysql/innodb-tables.ts'
import { makeAttempts } from '../../../src/probe/scratch-copies.ts'
import {
  copy,
  inPlace,
  instant,
  plainTable,
  rebuild,
  shared,
  withProbing,
} from '../../helpers/mysql/algorithm-probing.ts'

const partitioned = `CREATE TABLE t (id INT NOT NULL, y INT NOT NULL, PRIMARY KEY (id, y)) PARTITION BY RANGE (y)
  (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (20))`
const hashed = 'CREATE TABLE t (id INT NOT NULL PRIMARY KEY, y INT) PARTITION BY HASH (id) PARTITIONS 3'

/** The change, what 9.7 answers, and what 8.0.12 answers where that is something else. */
const changes: readonly (readonly [change: string, current: string, old?: string | undefined, table?: string])[] = [
  ['ALTER TABLE t ADD COLUMN c INT', instant],
  ['ALTER TABLE t ADD COLUMN c INT FIRST', instant, rebuild],
  ['ALTER TABLE t ADD COLUMN c INT AFTER id', instant, rebuild],
  ['ALTER TABLE t ADD g INT AS (n + 1) VIRTUAL', instant],
  ['ALTER TABLE t ADD g INT AS (n + 1) STORED', copy],
  ['ALTER TABLE t DROP COLUMN x', instant, rebuild],
  ['ALTER TABLE t DROP COLUMN x, ADD c INT', instant, rebuild],
  ['ALTER TABLE t ADD c INT, ADD INDEX (c)', rebuild],
  ['ALTER TABLE t MODIFY name VARCHAR(60) NOT NULL', inPlace],
  ['ALTER TABLE t MODIFY name VARCHAR(300) NOT NULL', copy],
  ['ALTER TABLE t MODIFY name VARCHAR(20) NOT NULL', copy],
  ['ALTER TABLE t MODIFY name VARCHAR(50) CHARACTER SET latin1 NOT NULL', copy],
  ['ALTER TABLE t MODIFY n BIGINT', copy],
  ['ALTER TABLE t MODIFY n INT UNSIGNED', copy],
  ['ALTER TABLE t MODIFY n INT NOT NULL', rebuild],
  ['ALTER TABLE t MODIFY x INT FIRST', rebuild],
  ["ALTER TABLE t MODIFY d VARCHAR(50) COMMENT 'd'", instant],
  ["ALTER TABLE t MODIFY e ENUM('a','b','c')", instant],
  ["ALTER TABLE t MODIFY e ENUM('c','a','b')", copy],
  ['ALTER TABLE t ALTER COLUMN n SET DEFAULT 5', instant],
  ['ALTER TABLE t RENAME COLUMN n TO m', instant, inPlace],
  ['ALTER TABLE t CHANGE n m INT', instant, inPlace],
  ['ALTER TABLE t ADD INDEX i (n)', inPlace],
  ['ALTER TABLE t ADD FULLTEXT INDEX i (name)', `${shared} rebuild`],
  ['ALTER TABLE t ADD SPATIAL INDEX i (place)', shared],
  ['ALTER TABLE t RENAME INDEX k_n TO k_m', inPlace],
  ['ALTER TABLE t ALTER INDEX k_n INVISIBLE', inPlace],
  ['ALTER TABLE t DROP PRIMARY KEY, ADD PRIMARY KEY (id, name)', rebuild],
  ['ALTER TABLE t ADD CONSTRAINT c CHECK (n > 0)', copy, instant],
  ['ALTER TABLE t ADD FOREIGN KEY (x) REFERENCES parent (id)', copy],
  ['ALTER TABLE t CONVERT TO CHARACTER SET latin1', copy],
  ['ALTER TABLE t CHARACTER SET latin1', inPlace],
  ['ALTER TABLE t ENGINE=InnoDB', rebuild],
  ['ALTER TABLE t FORCE', rebuild],
  ['ALTER TABLE t ROW_FORMAT=COMPRESSED', rebuild],
  ["ALTER TABLE t COMMENT 'other'", inPlace],
  ['ALTER TABLE t ORDER BY n', copy],
  ['ALTER TABLE t ADD c INT, LOCK=NONE', instant],
  ['ALTER TABLE t ADD c INT, LOCK=EXCLUSIVE', instant],
  ['ALTER TABLE t ADD c INT, LOCK=DEFAULT', instant],
  ['ALTER TABLE t ADD c INT, ALGORITHM=INPLACE', rebuild],
  ['ALTER TABLE t ADD c INT, ALGORITHM=COPY', copy],
  ['ALTER TABLE t ADD INDEX (n), LOCK=SHARED', shared],
  ['CREATE INDEX i ON t (n)', inPlace],
  ['CREATE UNIQUE INDEX i ON t (x) LOCK=SHARED', shared],
  ['CREATE FULLTEXT INDEX i ON t (name)', `${shared} rebuild`],
  ['DROP INDEX k_n ON t', inPlace],
  ['ALTER TABLE t ADD PARTITION (PARTITION p2 VALUES LESS THAN (30))', inPlace, undefined, partitioned],
  ['ALTER TABLE t DROP PARTITION p0', inPlace, undefined, partitioned],
  ['ALTER TABLE t REMOVE PARTITIONING', copy, undefined, partitioned],
  ['ALTER TABLE t ADD c INT', instant, undefined, partitioned],
  ['ALTER TABLE t COALESCE PARTITION 1', `${shared} rebuild`, undefined, hashed],
  ['ALTER TABLE t PARTITION BY HASH (id) PARTITIONS 2', copy, undefined, hashed],
]

describe.each(['9.7', '8.0'] as const)(
  'on MySQL %s the answer is what the server then does with the table itself',
  (version) => {
    const { schema, second, answersTo } = withProbing(version)
    const cases = changes.map(
      ([change, current, old, table]) =>
        [change, version === '9.7' ? current : (old ?? current), table ?? plainTable] as const,
    )

    /** With a row: an empty table is rebuilt where one with rows would be changed instantly. */
    async function makeTable(table: string): Promise<void> {
      await second().ask('SET foreign_key_checks=0')
      await second().ask('DROP TABLE IF EXISTS t')
      await second().ask('SET foreign_key_checks=1')
      await second().ask(table)
      const row = table === plainTable ? "(1,'a',1,1,'d','a',ST_GeomFromText('POINT(1 1)'),'2026-01-01')" : '(1,1)'
      await second().ask(`INSERT INTO t VALUES ${row}`)
    }

    /** Runs a statement on the table itself, and returns whether the table was rebuilt. */
    async function runAndCompare(text: string): Promise<boolean> {
      const before = await readTableIds(second(), schema)
      await second().ask(text)
      const after = await readTableIds(second(), schema)
      if (before === null || after === null) throw new Error('root has PROCESS')
      return isRebuilt(before, after)
    }

    test.each(cases)('%s: %s', async (change, expected, table) => {
      await second().ask('INSERT INTO parent VALUES (1)')
      await makeTable(table)
      expect(await answersTo(change)).toEqual([expected])
      const attempts = makeAttempts(change)
      const accepted = attempts.findIndex((attempt) => expected.startsWith(`${attempt.algorithm} ${attempt.lock}`))
      for (const kinder of attempts.slice(0, accepted)) {
        await expect(second().ask(kinder.text)).rejects.toMatchObject({
          errno: expect.toSatisfy((n) => [1845, 1846, 1221].includes(n)),
        })
      }
      const rebuilds = expected.endsWith('rebuild')
      expect(await runAndCompare(attempts[accepted]?.text ?? '')).toBe(rebuilds)
      await makeTable(table)
      expect(await runAndCompare(change)).toBe(rebuilds)
    })
  },
)

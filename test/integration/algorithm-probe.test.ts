import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ServerAnswer } from '../../src/domain/algorithm-question.ts'
import { probeAlgorithms } from '../../src/drivers/mysql/algorithm-probe.ts'
import { type Connection, connect } from '../../src/drivers/mysql/connection.ts'
import { isRebuilt, readTableIds } from '../../src/drivers/mysql/innodb-tables.ts'
import { nameScratch } from '../../src/drivers/mysql/scratch-area.ts'
import { readTableStates } from '../../src/drivers/mysql/table-states.ts'
import { listTablesToRead, makeAlgorithmQuestions } from '../../src/sql/algorithms/algorithm-questions.ts'
import { makeAttempts } from '../../src/sql/algorithms/attempts.ts'
import { findHazardsInOrder } from '../../src/sql/hazards/find-hazards.ts'
import { dropSchemas, randomName } from '../helpers/schema.ts'
import { type TestServer, testServerOf } from '../helpers/servers.ts'
import { statementOf } from '../helpers/statements.ts'

const plain = `CREATE TABLE t (
  id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(50) NOT NULL, n INT, x INT, d VARCHAR(50), e ENUM('a','b'),
  place POINT NOT NULL SRID 0, day DATE NOT NULL DEFAULT '2026-01-01', KEY k_n (n)
) ENGINE=InnoDB CHARSET=utf8mb4 COMMENT='ALGORITHM=COPY'`
const partitioned = `CREATE TABLE t (id INT NOT NULL, y INT NOT NULL, PRIMARY KEY (id, y)) PARTITION BY RANGE (y)
  (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (20))`
const hashed = 'CREATE TABLE t (id INT NOT NULL PRIMARY KEY, y INT) PARTITION BY HASH (id) PARTITIONS 3'

/** `INPLACE NONE rebuild` */
function show(answer: ServerAnswer | undefined): string {
  if (answer === undefined) return 'no answer'
  return `${answer.algorithm} ${answer.lock}${answer.rebuilds ? ' rebuild' : ''}`
}

const instant = 'INSTANT NONE'
const inPlace = 'INPLACE NONE'
const rebuild = 'INPLACE NONE rebuild'
const shared = 'INPLACE SHARED'
const copy = 'COPY SHARED rebuild'

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

describe.each(['9.7', '8.0'] as const)('on MySQL %s', (version) => {
  const prefix = randomName('probe')
  const schema = `${prefix}_a`
  const other = `${prefix}_b`
  let server: TestServer
  let connection: Connection
  let second: Connection

  const open = (user = 'root'): Promise<Connection> => {
    const { hostname, port } = new URL(server.url)
    const label = `${hostname}:${port}`
    const config = { host: hostname, port: Number(port), socket: null, user, password: null, tls: null, label }
    return connect(config, null, 10_000)
  }

  beforeAll(async () => {
    server = await testServerOf(version)
    connection = await open()
    second = await open()
  })
  afterAll(async () => {
    await connection.close()
    await second.close()
    await dropSchemas(server.url, prefix)
  })
  beforeEach(async () => {
    await second.ask('SET foreign_key_checks=0')
    for (const name of [schema, other]) {
      await second.ask(`DROP SCHEMA IF EXISTS ${name}`)
      await second.ask(`CREATE SCHEMA ${name}`)
    }
    await second.ask(`USE ${schema}`)
    await second.ask('SET foreign_key_checks=1')
    await connection.ask(`USE ${schema}`)
    await second.ask('CREATE TABLE parent (id INT PRIMARY KEY)')
  })

  /** Asks as a plan does: tables first, then the questions. */
  async function probe(texts: readonly string[], files: readonly string[] = [], by: Connection = connection) {
    const statements = texts.map((text, index) => statementOf(text, index, files[index] ?? 'a.sql'))
    const tables = await readTableStates(by, schema, listTablesToRead(statements))
    const serverVersion = version === '9.7' ? '9.7.4' : '8.0.12'
    const questions = makeAlgorithmQuestions({ statements, tables, schema, serverVersion, scratch: nameScratch() })
    return { ...(await probeAlgorithms(by, questions)), statements, tables }
  }

  async function answersTo(...texts: readonly string[]): Promise<readonly string[]> {
    const { answers, notes } = await probe(texts)
    expect(notes).toEqual([])
    return texts.map((_, index) => show(answers?.get(index)))
  }

  async function listScratch(): Promise<readonly unknown[]> {
    const { rows } = await second.ask(`SHOW DATABASES LIKE 'wwdb\\_scratch\\_%'`)
    return rows.map(([name]) => name)
  }

  describe('the answer is what the server then does with the table itself', () => {
    const cases = changes.map(
      ([change, current, old, table]) =>
        [change, version === '9.7' ? current : (old ?? current), table ?? plain] as const,
    )

    /** With a row: an empty table is written anew where a filled one would be changed instantly. */
    async function makeTable(table: string): Promise<void> {
      await second.ask('SET foreign_key_checks=0')
      await second.ask('DROP TABLE IF EXISTS t')
      await second.ask('SET foreign_key_checks=1')
      await second.ask(table)
      const row = table === plain ? "(1,'a',1,1,'d','a',ST_GeomFromText('POINT(1 1)'),'2026-01-01')" : '(1,1)'
      await second.ask(`INSERT INTO t VALUES ${row}`)
    }

    /** Runs a statement on the table itself, and tells whether the table was written anew. */
    async function runAndCompare(text: string): Promise<boolean> {
      const before = await readTableIds(second, schema)
      await second.ask(text)
      const after = await readTableIds(second, schema)
      if (before === null || after === null) throw new Error('root has PROCESS')
      return isRebuilt(before, after)
    }

    test.each(cases)('%s: %s', async (change, expected, table) => {
      await second.ask('INSERT INTO parent VALUES (1)')
      await makeTable(table)
      expect(await answersTo(change)).toEqual([expected])
      const attempts = makeAttempts(change)
      const accepted = attempts.findIndex((attempt) => expected.startsWith(`${attempt.algorithm} ${attempt.lock}`))
      for (const kinder of attempts.slice(0, accepted)) {
        await expect(second.ask(kinder.text)).rejects.toMatchObject({
          errno: expect.toSatisfy((n) => [1845, 1846, 1221].includes(n)),
        })
      }
      const rebuilds = expected.endsWith('rebuild')
      expect(await runAndCompare(attempts[accepted]?.text ?? '')).toBe(rebuilds)
      await makeTable(table)
      expect(await runAndCompare(change)).toBe(rebuilds)
    })
  })

  test('a plan is asked in order, each statement on the copy as the ones before it left it', async () => {
    await second.ask(plain)
    const texts = [
      'ALTER TABLE t ADD c INT',
      'ALTER TABLE t MODIFY c BIGINT',
      'CREATE INDEX i ON t (c)',
      'DROP INDEX i ON t',
    ]
    expect(await answersTo(...texts)).toEqual([instant, copy, inPlace, inPlace])
  })

  test('tables are found under the names that the plan gives them', async () => {
    await second.ask(plain)
    const texts = [
      'RENAME TABLE t TO u',
      `ALTER TABLE u ADD c INT, RENAME TO ${other}.v`,
      `ALTER TABLE ${other}.v DROP c, ALGORITHM=COPY`,
    ]
    expect(await answersTo(...texts)).toEqual(['no answer', instant, copy])
  })

  test('foreign keys are judged by the foreign_key_checks of their own file', async () => {
    await second.ask(plain)
    const add = (name: string) => `ALTER TABLE t ADD CONSTRAINT ${name} FOREIGN KEY (x) REFERENCES parent (id)`
    const files = ['a.sql', 'a.sql', 'b.sql']
    const { answers, notes } = await probe(['SET foreign_key_checks = 0', add('f1'), add('f2')], files)
    expect([notes, show(answers?.get(1)), show(answers?.get(2))]).toEqual([[], inPlace, copy])
  })

  test('originals and their parents in other schemas are neither changed nor waited for', async () => {
    await second.ask(`CREATE TABLE ${other}.p (id INT PRIMARY KEY)`)
    await second.ask(`CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT, FOREIGN KEY (a) REFERENCES ${other}.p (id))`)
    await second.ask(`INSERT INTO ${other}.p VALUES (1)`)
    await second.ask('INSERT INTO t VALUES (1, 1, 1)')
    const definition = async () => (await second.ask('SHOW CREATE TABLE t')).rows
    const before = await definition()
    // An open transaction holds the metadata locks that any change of the originals would wait for.
    await second.ask('BEGIN')
    await second.ask(`SELECT * FROM t JOIN ${other}.p USING (id) FOR UPDATE`)
    const text = `ALTER TABLE ${schema}.t ADD FOREIGN KEY (b) REFERENCES ${other}.p (id), ADD c INT`
    expect(await answersTo(text, 'ALTER TABLE t FORCE')).toEqual([copy, rebuild])
    await second.ask('ROLLBACK')
    expect(await definition()).toEqual(before)
  })

  test('a table made under an old sql_mode can be asked about', async () => {
    await second.ask(`SET SESSION sql_mode=''`)
    await second.ask(`CREATE TABLE t (id INT PRIMARY KEY, d DATE NOT NULL DEFAULT '0000-00-00')`)
    await second.ask('SET SESSION sql_mode=DEFAULT')
    expect(await answersTo('ALTER TABLE t ALTER d DROP DEFAULT')).toEqual([instant])
  })

  test('what the server would refuse becomes a note, and the rest is asked all the same', async () => {
    await second.ask(plain)
    await second.ask('CREATE TABLE old (id INT) ENGINE=MyISAM')
    const { answers, notes } = await probe([
      'ALTER TABLE t ADD n INT',
      'ALTER TABLE old ADD x INT',
      'ALTER TABLE t ADD c INT',
    ])
    expect([...(answers?.keys() ?? [])]).toEqual([2])
    expect(notes).toEqual([
      "On an empty copy of its table the server refuses ALTER TABLE t (a.sql:1): Duplicate column name 'n'.",
      'The server was not asked about ALTER TABLE old (a.sql:2): it is not an InnoDB table.',
    ])
  })

  test('a foreign key to a table that the plan makes is left to the guess, without a note', async () => {
    await second.ask(plain)
    const { answers, notes } = await probe([
      'CREATE TABLE made (id INT PRIMARY KEY)',
      'ALTER TABLE t ADD FOREIGN KEY (x) REFERENCES made (id)',
    ])
    expect([answers?.size, notes]).toEqual([0, []])
  })

  test('without a question nothing is sent', async () => {
    const silent = { ask: () => Promise.reject(new Error('asked')) }
    const questions = makeAlgorithmQuestions({
      statements: [statementOf('CREATE TABLE a (id INT)'), statementOf('ALTER TABLE a ADD b INT')],
      tables: { schema, states: new Map() },
      schema,
      serverVersion: '9.7.4',
      scratch: nameScratch(),
    })
    expect(await probeAlgorithms(silent, questions)).toEqual({ answers: new Map(), notes: [] })
  })

  test('the session is given back as it was, and no scratch schema stays', async () => {
    await second.ask(plain)
    const variables = 'SELECT DATABASE(),@@sql_log_bin,@@lock_wait_timeout,@@foreign_key_checks,@@sql_mode'
    const before = (await connection.ask(variables)).rows
    await probe([
      'SET foreign_key_checks = 0',
      `SET sql_mode = 'ANSI_QUOTES'`,
      'ALTER TABLE t ADD n INT',
      `ALTER TABLE ${other}.gone FORCE`,
    ])
    expect((await connection.ask(variables)).rows).toEqual(before)
    expect(await listScratch()).toEqual([])
  })

  test('a scratch schema that a killed run left is dropped, one in use is not', async () => {
    await second.ask(plain)
    const [abandoned, used, foreign] = [nameScratch(), nameScratch(), 'wwdb_scratch_notours']
    for (const name of [abandoned, `${abandoned}_2`, used, foreign]) await second.ask(`CREATE SCHEMA ${name}`)
    await second.ask(`SELECT GET_LOCK('${used}', 0)`)
    await probe(['ALTER TABLE t FORCE'])
    expect(await listScratch()).toEqual([foreign, used].sort())
    await second.ask(`SELECT RELEASE_LOCK('${used}')`)
    await second.ask(`DROP SCHEMA ${foreign}`)
    await probe(['ALTER TABLE t FORCE'])
    expect(await listScratch()).toEqual([])
  })

  test('without privileges the plan gets a reason or a guess, never an error', async () => {
    const user = randomName('u')
    await second.ask(plain)
    await second.ask(`CREATE USER ${user}@'%'`)
    await second.ask(`GRANT SELECT, ALTER, INDEX ON ${schema}.* TO ${user}@'%'`)
    const limited = await open(user)
    try {
      const refused = await probe(['ALTER TABLE t DROP x, ALGORITHM=INPLACE'], [], limited)
      expect(refused.answers).toBeNull()
      expect(refused.notes).toEqual([
        expect.stringMatching(/^The server was not asked .*Access denied.* grant CREATE, /),
      ])
      await second.ask(
        `GRANT CREATE, ALTER, INDEX, REFERENCES, INSERT, DROP ON \`wwdb\\_scratch\\_%\`.* TO ${user}@'%'`,
      )
      const guessed = await probe(
        ['ALTER TABLE t FORCE', 'ALTER TABLE t ADD INDEX i (n)', 'ALTER TABLE t ADD c INT'],
        [],
        limited,
      )
      expect(guessed.notes).toEqual([])
      expect([...(guessed.answers?.values() ?? [])].map(show)).toEqual([rebuild, inPlace, instant])
    } finally {
      await limited.close()
      await second.ask(`DROP USER ${user}@'%'`)
    }
    expect(await listScratch()).toEqual([])
  })

  test('a connection that is lost on the way becomes a reason', async () => {
    await second.ask(plain)
    const doomed = await open()
    const statements = [statementOf('ALTER TABLE t FORCE')]
    const questions = makeAlgorithmQuestions({
      statements,
      tables: { schema, states: new Map() },
      schema,
      serverVersion: '9.7.4',
      scratch: nameScratch(),
    })
    const { rows } = await doomed.ask('SELECT CONNECTION_ID()')
    const ask = async (text: string) => {
      if (text.startsWith('ALTER')) await second.ask(`KILL ${rows[0]?.[0]}`)
      return doomed.ask(text)
    }
    const { answers, notes } = await probeAlgorithms({ ask }, questions)
    doomed.destroy()
    expect([answers, notes.length]).toEqual([null, 1])
    await probe(['ALTER TABLE t FORCE'])
    expect(await listScratch()).toEqual([])
  })

  test('the size of a table decides whether its hazards count', async () => {
    await second.ask('CREATE TABLE small (id INT PRIMARY KEY, n INT)')
    await second.ask('CREATE TABLE large (id INT PRIMARY KEY, n INT)')
    await second.ask('CREATE VIEW seen AS SELECT 1 AS one')
    await second.ask('SET SESSION cte_max_recursion_depth=20000')
    await second.ask(
      'INSERT INTO large WITH RECURSIVE r (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r WHERE i < 12000) SELECT i, i FROM r',
    )
    const texts = [
      'ALTER TABLE small MODIFY n BIGINT',
      'ALTER TABLE large MODIFY n BIGINT',
      'ALTER TABLE large MODIFY n SMALLINT',
      'DELETE FROM seen',
      'DROP TABLE IF EXISTS gone',
    ]
    const { answers, statements, tables } = await probe(texts)
    const planned = statements.map((statement, index) => {
      const answer = answers?.get(index)
      return { statement, accepted: [], ...(answer === undefined ? {} : { answer }) }
    })
    const codes = findHazardsInOrder(planned, { tables }).map((hazards) => hazards.map((hazard) => hazard.code))
    expect(codes).toEqual([[], ['BLOCKING_COPY'], ['NARROW_COLUMN', 'BLOCKING_COPY'], ['DELETE_ALL_ROWS'], []])
  })

  if (version === '8.0') return

  test.runIf(version === '9.7')(
    'a table whose instant changes are used up is written anew, which its copy would not be',
    async () => {
      await second.ask('CREATE TABLE t (id INT PRIMARY KEY)')
      for (let count = 0; count < 253; count += 1)
        await second.ask(`ALTER TABLE t ADD c${count} INT, ALGORITHM=INSTANT`)
      const texts = ['a', 'b', 'c', 'd'].map((name) => `ALTER TABLE t ADD ${name} INT`)
      const { answers, notes } = await probe(texts)
      expect([...(answers?.values() ?? [])].map(show)).toEqual([instant, instant, rebuild, instant])
      expect(notes).toEqual([
        expect.stringContaining('254 of 255'),
        expect.stringContaining('255 of 255'),
        expect.stringContaining('has used up its 255 instant changes'),
      ])
      for (const text of texts.slice(0, 2)) await second.ask(`${text}, ALGORITHM=INSTANT`)
      await expect(second.ask(`${texts[2]}, ALGORITHM=INSTANT`)).rejects.toMatchObject({ errno: 4092 })
      await second.ask(texts[2] ?? '')
      await second.ask(`${texts[3]}, ALGORITHM=INSTANT`)
    },
  )
})

import { describe, expect, test } from 'vitest'
import { nameScratch } from '../../../src/core/scratch-name.ts'
import { judgeInOrder } from '../../../src/lint/find-hazards.ts'
import { makeAlgorithmQuestions } from '../../../src/probe/algorithm-questions.ts'
import { probeAlgorithms } from '../../../src/probe/mysql/algorithm-probe.ts'
import { statementOf } from '../../helpers/migrations/statements.ts'
import {
  copy,
  inPlace,
  instant,
  plainTable,
  rebuild,
  showAnswer,
  withProbing,
} from '../../helpers/mysql/algorithm-probing.ts'
import { randomName } from '../../helpers/servers/schema.ts'

describe.each(['9.7', '8.0'] as const)('on MySQL %s', (version) => {
  const { schema, other, connection, second, open, probe, answersTo, listScratch } = withProbing(version)

  test('statements are asked about in order, each on the copy after the statements before it', async () => {
    await second().ask(plainTable)
    const texts = [
      'ALTER TABLE t ADD c INT',
      'ALTER TABLE t MODIFY c BIGINT',
      'CREATE INDEX i ON t (c)',
      'DROP INDEX i ON t',
    ]
    expect(await answersTo(...texts)).toEqual([instant, copy, inPlace, inPlace])
  })

  test('tables are found under the names that the plan gives them', async () => {
    await second().ask(plainTable)
    const texts = [
      'RENAME TABLE t TO u',
      `ALTER TABLE u ADD c INT, RENAME TO ${other}.v`,
      `ALTER TABLE ${other}.v DROP c, ALGORITHM=COPY`,
    ]
    expect(await answersTo(...texts)).toEqual(['no answer', instant, copy])
  })

  test('foreign keys are judged by the foreign_key_checks of their own file', async () => {
    await second().ask(plainTable)
    const add = (name: string) => `ALTER TABLE t ADD CONSTRAINT ${name} FOREIGN KEY (x) REFERENCES parent (id)`
    const files = ['a.sql', 'a.sql', 'b.sql']
    const { answers, notes } = await probe(['SET foreign_key_checks = 0', add('f1'), add('f2')], files)
    expect([notes, showAnswer(answers?.get(1)), showAnswer(answers?.get(2))]).toEqual([[], inPlace, copy])
  })

  test('original tables and their parents in other schemas are neither changed nor waited for', async () => {
    await second().ask(`CREATE TABLE ${other}.p (id INT PRIMARY KEY)`)
    await second().ask(`CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT, FOREIGN KEY (a) REFERENCES ${other}.p (id))`)
    await second().ask(`INSERT INTO ${other}.p VALUES (1)`)
    await second().ask('INSERT INTO t VALUES (1, 1, 1)')
    const definition = async () => (await second().ask('SHOW CREATE TABLE t')).rows
    const before = await definition()
    // An open transaction holds the metadata locks that any change of the originals would wait for.
    await second().ask('BEGIN')
    await second().ask(`SELECT * FROM t JOIN ${other}.p USING (id) FOR UPDATE`)
    const text = `ALTER TABLE ${schema}.t ADD FOREIGN KEY (b) REFERENCES ${other}.p (id), ADD c INT`
    expect(await answersTo(text, 'ALTER TABLE t FORCE')).toEqual([copy, rebuild])
    await second().ask('ROLLBACK')
    expect(await definition()).toEqual(before)
  })

  test('a table created under an old sql_mode can be asked about', async () => {
    await second().ask(`SET SESSION sql_mode=''`)
    await second().ask(`CREATE TABLE t (id INT PRIMARY KEY, d DATE NOT NULL DEFAULT '0000-00-00')`)
    await second().ask('SET SESSION sql_mode=DEFAULT')
    expect(await answersTo('ALTER TABLE t ALTER d DROP DEFAULT')).toEqual([instant])
  })

  test('a statement that the server would refuse is reported, and the others are still asked about', async () => {
    await second().ask(plainTable)
    await second().ask('CREATE TABLE old (id INT) ENGINE=MyISAM')
    const { answers, refusals, notes } = await probe([
      'ALTER TABLE t ADD n INT',
      'ALTER TABLE old ADD x INT',
      'ALTER TABLE t ADD c INT',
    ])
    expect([...(answers?.keys() ?? [])]).toEqual([2])
    expect([...(refusals ?? [])]).toEqual([
      [0, { subject: 'ALTER TABLE t (a.sql:1)', why: "Duplicate column name 'n'.", number: 1060, isReported: true }],
    ])
    expect(notes).toEqual(['The server was not asked about ALTER TABLE old (a.sql:2): it is not an InnoDB table.'])
  })

  test('a foreign key to a table that the plan creates is guessed, without a note', async () => {
    await second().ask(plainTable)
    const { answers, notes } = await probe([
      'CREATE TABLE made (id INT PRIMARY KEY)',
      'ALTER TABLE t ADD FOREIGN KEY (x) REFERENCES made (id)',
    ])
    expect([answers?.size, notes]).toEqual([0, []])
  })

  test('without questions nothing is sent', async () => {
    const refuse = (): Promise<never> => Promise.reject(new Error('asked'))
    const silent = { ask: refuse, run: refuse, askInTurn: refuse }
    const questions = makeAlgorithmQuestions({
      statements: [statementOf('CREATE TABLE a (id INT)'), statementOf('ALTER TABLE a ADD b INT')],
      tables: { schema, states: new Map() },
      schema,
      serverVersion: '9.7.4',
      scratch: nameScratch(),
    })
    expect(await probeAlgorithms(silent, questions)).toEqual({ answers: new Map(), notes: [] })
  })

  test('the session is restored, and no scratch schema stays', async () => {
    await second().ask(plainTable)
    const variables = 'SELECT DATABASE(),@@sql_log_bin,@@lock_wait_timeout,@@foreign_key_checks,@@sql_mode'
    const before = (await connection().ask(variables)).rows
    await probe([
      'SET foreign_key_checks = 0',
      `SET sql_mode = 'ANSI_QUOTES'`,
      'ALTER TABLE t ADD n INT',
      `ALTER TABLE ${other}.gone FORCE`,
    ])
    expect((await connection().ask(variables)).rows).toEqual(before)
    expect(await listScratch()).toEqual([])
  })

  test('a scratch schema that a killed run left is dropped, one in use is not', async () => {
    await second().ask(plainTable)
    const [abandoned, used, foreign] = [nameScratch(), nameScratch(), randomName('wwdb_scratch_x')]
    await second().ask(`SELECT GET_LOCK('${used}', 0)`)
    for (const name of [abandoned, `${abandoned}_2`, used, foreign]) await second().ask(`CREATE SCHEMA ${name}`)
    await probe(['ALTER TABLE t FORCE'])
    expect(await listScratch(abandoned, used, foreign)).toEqual([foreign, used].sort())
    await second().ask(`SELECT RELEASE_LOCK('${used}')`)
    await probe(['ALTER TABLE t FORCE'])
    expect(await listScratch(abandoned, used, foreign)).toEqual([foreign])
    await second().ask(`DROP SCHEMA ${foreign}`)
  })

  test('without privileges the plan gets a reason or a guess, never an error', async () => {
    const user = randomName('u')
    await second().ask(plainTable)
    await second().ask(`CREATE USER ${user}@'%'`)
    await second().ask(`GRANT SELECT, ALTER, INDEX ON ${schema}.* TO ${user}@'%'`)
    const limited = await open(user)
    try {
      const refused = await probe(['ALTER TABLE t DROP x, ALGORITHM=INPLACE'], [], limited)
      expect(refused.answers).toBeNull()
      expect(refused.notes).toEqual([
        expect.stringMatching(/^The server was not asked .*Access denied.* GRANT CREATE, /),
      ])
      await second().ask(
        `GRANT CREATE, ALTER, INDEX, REFERENCES, INSERT, DROP ON \`wwdb\\_scratch\\_%\`.* TO ${user}@'%'`,
      )
      const guessed = await probe(
        ['ALTER TABLE t FORCE', 'ALTER TABLE t ADD INDEX i (n)', 'ALTER TABLE t ADD c INT'],
        [],
        limited,
      )
      expect(guessed.notes).toEqual([])
      expect([...(guessed.answers?.values() ?? [])].map(showAnswer)).toEqual([rebuild, inPlace, instant])
    } finally {
      await limited.close()
      await second().ask(`DROP USER ${user}@'%'`)
    }
    expect(await listScratch()).toEqual([])
  })

  test('a lost connection becomes a reason, and the next probe cleans up', async () => {
    await second().ask(plainTable)
    const doomed = await open()
    const statements = [statementOf('ALTER TABLE t FORCE')]
    const scratch = nameScratch()
    const tables = { schema, states: new Map() }
    const questions = makeAlgorithmQuestions({ statements, tables, schema, serverVersion: '9.7.4', scratch })
    const { rows } = await doomed.ask('SELECT CONNECTION_ID()')
    const ask = async (text: string) => {
      if (text.startsWith('ALTER')) await second().ask(`KILL ${rows[0]?.[0]}`)
      return doomed.ask(text)
    }
    const { answers, notes } = await probeAlgorithms({ ...doomed, ask }, questions)
    doomed.destroy()
    expect([answers, notes.length]).toEqual([null, 1])
    // The server frees the lock when it has seen that the connection is gone.
    await expect
      .poll(async () => Number((await second().ask(`SELECT IS_FREE_LOCK('${scratch}')`)).rows[0]?.[0]))
      .toBe(1)
    await probe(['ALTER TABLE t FORCE'])
    expect(await listScratch(scratch)).toEqual([])
  })

  test('the size of a table decides whether its hazards count', async () => {
    await second().ask('CREATE TABLE small (id INT PRIMARY KEY, n INT)')
    await second().ask('CREATE TABLE large (id INT PRIMARY KEY, n INT)')
    await second().ask('CREATE VIEW seen AS SELECT 1 AS one')
    await second().ask('SET SESSION cte_max_recursion_depth=20000')
    await second().ask(
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
    const codes = judgeInOrder(planned, { tables }).map(({ hazards }) => hazards.map((hazard) => hazard.code))
    expect(codes).toEqual([[], ['BLOCKING_COPY'], ['NARROW_COLUMN', 'BLOCKING_COPY'], ['DELETE_ALL_ROWS'], []])
  })

  if (version === '8.0') return

  test('a table without instant column changes left is rebuilt, which its copy would not be', async () => {
    await second().ask('CREATE TABLE t (id INT PRIMARY KEY)')
    for (let count = 0; count < 253; count += 1)
      await second().ask(`ALTER TABLE t ADD c${count} INT, ALGORITHM=INSTANT`)
    const texts = ['a', 'b', 'c', 'd'].map((name) => `ALTER TABLE t ADD ${name} INT`)
    const { answers, notes } = await probe(texts)
    expect([...(answers?.values() ?? [])].map(showAnswer)).toEqual([instant, instant, rebuild, instant])
    expect(notes).toEqual([
      expect.stringContaining('254 of 255'),
      expect.stringContaining('255 of 255'),
      expect.stringContaining('has used up its 255 instant column changes'),
    ])
    for (const text of texts.slice(0, 2)) await second().ask(`${text}, ALGORITHM=INSTANT`)
    await expect(second().ask(`${texts[2]}, ALGORITHM=INSTANT`)).rejects.toMatchObject({ errno: 4092 })
    await second().ask(texts[2] ?? '')
    await second().ask(`${texts[3]}, ALGORITHM=INSTANT`)
  })
})

import { describe, expect, test } from 'vitest'
import type { Schema, SchemaObject } from '../../../src/ddl/schema.ts'
import type { ServerAnswer } from '../../../src/ddl/server-answer.ts'
import { findHazards, judgeInOrder } from '../../../src/lint/find-hazards.ts'
import { serverWith, stateOf } from '../../helpers/ddl/known-tables.ts'
import { statementOf } from '../../helpers/migrations/statements.ts'

const large = stateOf('CREATE TABLE t', { rows: 1_000_000, bytes: 2 ** 28, partial: true })
const absent: SchemaObject = { type: 'absent' }

function codes(texts: readonly string[], tables?: Schema): readonly string[] {
  const planned = texts.map((text, index) => ({ statement: statementOf(text, index), accepted: [] }))
  const judged = judgeInOrder(planned, tables === undefined ? {} : { tables })
  // Notes are judged in rules.test.ts and notes.test.ts: these tests are about what stops a run.
  return judged.map(({ hazards }) => hazards.flatMap(({ kind, code }) => (kind === 'advisory' ? [] : [code])).join(' '))
}

describe('a statement is judged by the tables after the statements before it', () => {
  test('a table that the plan creates has no data to lose', () => {
    expect(codes(['CREATE TABLE a (id INT)', 'UPDATE a SET id = 1', 'TRUNCATE a', 'DROP TABLE a'])).toEqual([
      '',
      '',
      '',
      '',
    ])
  })

  test('CREATE TABLE IF NOT EXISTS changes nothing where the table may exist', () => {
    const texts = ['CREATE TABLE IF NOT EXISTS a (id INT)', 'DROP TABLE a']
    expect(codes(texts)).toEqual(['', 'DROP_TABLE'])
    expect(codes(texts, serverWith({ a: large }))).toEqual(['', 'DROP_TABLE'])
    expect(codes(texts, serverWith({ a: absent }))).toEqual(['', ''])
  })

  test('data stays with the renamed table, not with its old name', () => {
    const swap = [
      'CREATE TABLE new (id INT)',
      'RENAME TABLE users TO old, new TO users',
      'DROP TABLE users',
      'DROP TABLE old',
    ]
    expect(codes(swap, serverWith({ users: large, old: absent, new: absent }))).toEqual(['', '', '', 'DROP_TABLE'])
    const alter = ['ALTER TABLE users RENAME TO old', 'TRUNCATE old']
    expect(codes(alter, serverWith({ users: large, old: absent }))).toEqual(['', 'TRUNCATE_TABLE'])
  })

  test('a table that is dropped and created again is empty', () => {
    const texts = ['DROP TABLE a', 'CREATE TABLE a (id INT)', 'ALTER TABLE a ORDER BY id', 'DELETE FROM app.a']
    expect(codes(texts, serverWith({ a: large }))).toEqual(['DROP_TABLE', '', '', ''])
  })

  test('a temporary table hides the one of its name until it is dropped or renamed', () => {
    const known = serverWith({ users: large })
    const make = 'CREATE TEMPORARY TABLE users (id INT)'
    expect(codes([make, 'DROP TABLE users', 'DROP TABLE users'], known)).toEqual(['', '', 'DROP_TABLE'])
    expect(codes([make, 'ALTER TABLE users RENAME other', 'TRUNCATE users'], known)[2]).toBe('TRUNCATE_TABLE')
    expect(codes([make, 'RENAME TABLE users TO old', 'TRUNCATE old'], known)[2]).toBe('TRUNCATE_TABLE')
    expect(codes(['/*!99999 CREATE TEMPORARY TABLE users (id INT) */', 'TRUNCATE users'], known)[1]).toBe(
      'TRUNCATE_TABLE',
    )
    // An event runs in a session of its own.
    const event = 'CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DELETE FROM users'
    expect(codes([make, event], known)[1]).toBe('BODY_DELETES')
  })

  test.each(['CALL rename_them()', 'EXECUTE p'])('%s may have renamed a table to a free name', (text) => {
    expect(codes([text, 'DROP TABLE old'], serverWith({ old: absent }))[1]).toBe('DROP_TABLE')
  })
})

describe('a CALL', () => {
  /** The codes behind the CALL of a procedure that the plan makes, each of one statement. */
  function codesBehind(
    body: string,
    texts: readonly string[],
    tables = serverWith({ t: large, old: absent, users: large }),
  ) {
    return codes(['CREATE TABLE made (n INT)', `CREATE PROCEDURE p() ${body}`, 'CALL p()', ...texts], tables).slice(3)
  }

  test.each([
    'DO 0',
    'INSERT INTO made SELECT id FROM users',
    'BEGIN IF 1 THEN ALTER TABLE made ADD m INT; END IF; END',
    "BEGIN SET @s = CONCAT('ALTER TABLE made ADD ', 'm INT'); PREPARE s FROM @s; EXECUTE s; END",
    'RENAME TABLE users TO other',
    'BEGIN DROP TABLE IF EXISTS made; CREATE TABLE made (n INT); END',
  ])('keeps the tables of the plan its own: %s', (body) => {
    expect(codesBehind(body, ['ALTER TABLE made DROP COLUMN n', 'DELETE FROM made', 'DROP TABLE made'])).toEqual([
      '',
      '',
      '',
    ])
  })

  test.each([
    'BEGIN DROP TABLE made; RENAME TABLE users TO made; END',
    'BEGIN IF 1 THEN RENAME TABLE made TO x, users TO made; END IF; END',
    'BEGIN ALTER TABLE users RENAME TO x; ALTER TABLE x RENAME made; END',
    'BEGIN ALTER TABLE x RENAME made; ALTER TABLE users RENAME TO x; END',
    'ALTER TABLE made EXCHANGE PARTITION p WITH TABLE users',
    "BEGIN SET @s = 'RENAME TABLE users TO made'; PREPARE s FROM @s; EXECUTE s; END",
    "BEGIN PREPARE s FROM 'RENAME TABLE users TO made'; EXECUTE s; END",
    'CALL somebody_elses()',
  ])('that may rename another table to its name is followed: %s', (body) => {
    expect(codesBehind(body, ['DROP TABLE made'])).toEqual(['DROP_TABLE'])
  })

  test('names in a body belong to the schema of its procedure', () => {
    const texts = (name: string) => [
      'CREATE TABLE made (n INT)',
      `CREATE PROCEDURE other.p() ${name}`,
      'CALL other.p()',
      'DROP TABLE made',
    ]
    expect(codes(texts('RENAME TABLE users TO made'), serverWith({}))[3]).toBe('')
    expect(codes(texts('RENAME TABLE app.users TO app.made'), serverWith({}))[3]).toBe('DROP_TABLE')
  })

  test('is judged by the procedures of the server, too', () => {
    const texts = ['CREATE TABLE made (n INT)', 'CALL p()', 'DROP TABLE made']
    const withBody = (body: string | null): Schema => ({
      ...serverWith({}),
      procedures: new Map([['app\u0000p', body]]),
    })
    expect(codes(texts, withBody('BEGIN UPDATE users SET a = 1; END'))).toEqual(['', 'BODY_DELETES', ''])
    expect(codes(texts, withBody('BEGIN ALTER TABLE users ADD a INT; END'))).toEqual(['', 'UNRESUMABLE_CALL', ''])
    expect(codes(texts, withBody('BEGIN RENAME TABLE users TO made; END'))[2]).toBe('DROP_TABLE')
    expect(codes(texts, withBody(null))).toEqual(['', 'BUILT_STATEMENT UNRESUMABLE_CALL', 'DROP_TABLE'])
  })

  test('a text that EXECUTE takes from a variable is followed to the strings that it consists of', () => {
    const run = (set: string) => ['CREATE TABLE made (n INT)', set, 'PREPARE s FROM @s', 'EXECUTE s', 'DROP TABLE made']
    const last = (set: string) => codes(run(set), serverWith({ users: large })).at(-1)
    expect(last("SET @s = IF(DATABASE() = 'a', 'SELECT 1', 'ALTER TABLE users ADD a INT')")).toBe('')
    expect(last("SET @s = CONCAT('RENAME TABLE users', ' TO made')")).toBe('DROP_TABLE')
    expect(last('SET @s = (SELECT text FROM texts)')).toBe('DROP_TABLE')
    const counted = (value: string, from = ''): string | undefined =>
      codes(
        [
          'CREATE TABLE made (n INT)',
          `SELECT @n := ${value}${from}`,
          "SET @s = CONCAT('ALTER TABLE users AUTO_INCREMENT = ', @n)",
          'PREPARE s FROM @s',
          'EXECUTE s',
          'DROP TABLE made',
        ],
        serverWith({ users: large }),
      ).at(-1)
    // A sum is a number, so that no word stands in it; what a table holds may be any text.
    expect(counted('COALESCE(MAX(id), 0) + 1', ' FROM users')).toBe('')
    expect(counted('(SELECT MAX(id) FROM users) + 1')).toBe('')
    for (const value of ['MAX(name)', 'IF(1 + 1, name, 0)', 'CASE WHEN 1 + 1 THEN name END', '1 + 1 || name'])
      expect(counted(value, ' FROM users')).toBe('DROP_TABLE')
    expect(counted('id + 1, @s := name', ' FROM users')).toBe('DROP_TABLE')
    expect(
      codes(["PREPARE s FROM 'CREATE TABLE made (n INT)'", 'EXECUTE s', 'DROP TABLE made'], serverWith({})),
    ).toEqual(['', '', ''])
  })
})

describe('a column that the plan adds is its own', () => {
  const filled = stateOf('CREATE TABLE t (id INT, old INT)', { rows: 10 })

  test.each<readonly [texts: readonly string[], codes: readonly string[]]>([
    [
      [
        'ALTER TABLE t ADD COLUMN nid INT',
        'UPDATE t SET nid = id',
        'ALTER TABLE t MODIFY nid SMALLINT NOT NULL',
        'ALTER TABLE t DROP nid',
      ],
      ['', '', '', ''],
    ],
    [
      ['ALTER TABLE t ADD (a INT, b INT, KEY (a))', 'UPDATE t SET a = 1, t.b = 2', 'UPDATE t SET a = 1, old = 2'],
      ['', '', 'UPDATE_ALL_ROWS'],
    ],
    [
      [
        'ALTER TABLE t ADD a INT',
        'ALTER TABLE t CHANGE a b INT, ADD c INT',
        'UPDATE t SET b = 1, c = 1',
        'ALTER TABLE t DROP b',
      ],
      ['', '', '', ''],
    ],
    [
      [
        'ALTER TABLE t ADD a INT',
        'ALTER TABLE t RENAME COLUMN old TO x, RENAME COLUMN a TO old',
        'ALTER TABLE t DROP old',
        'ALTER TABLE t DROP x',
      ],
      ['', '', '', 'DROP_COLUMN'],
    ],
    [
      ['ALTER TABLE t CHANGE old a INT', 'UPDATE t SET a = 1', 'ALTER TABLE t MODIFY a SMALLINT'],
      ['', 'UPDATE_ALL_ROWS', 'NARROW_COLUMN'],
    ],
    [
      ['ALTER TABLE t DROP old, ADD old INT', 'UPDATE t SET old = 1'],
      ['DROP_COLUMN', ''],
    ],
    [
      ['ALTER TABLE t ADD a INT', 'RENAME TABLE t TO u', 'UPDATE u SET a = 1', 'DROP TABLE u'],
      ['', '', '', 'DROP_TABLE'],
    ],
    [
      [
        'ALTER TABLE t ADD a INT',
        'UPDATE t AS x JOIN (SELECT 1 AS n) y ON TRUE SET x.a = y.n',
        'UPDATE t JOIN u USING (id) SET a = 1',
        'UPDATE t x, u SET u.id = 1',
      ],
      ['', '', '', 'UPDATE_ALL_ROWS'],
    ],
    [
      [
        'CREATE TABLE n (id INT)',
        'UPDATE n JOIN t USING (id) SET n.id = 1',
        'DELETE n FROM n JOIN t USING (id)',
        'DELETE x FROM n JOIN t x USING (id)',
        'DELETE FROM n, t USING n JOIN t',
      ],
      ['', '', '', 'DELETE_ALL_ROWS', 'DELETE_ALL_ROWS'],
    ],
    [
      [
        'CREATE PROCEDURE p() BEGIN IF 1 THEN ALTER TABLE t ADD a INT; END IF; END',
        'CALL p()',
        'UPDATE t SET a = 1',
        'ALTER TABLE t MODIFY a SMALLINT NOT NULL',
      ],
      ['', 'UNRESUMABLE_CALL', '', ''],
    ],
    [
      ['CREATE PROCEDURE p() ALTER TABLE t CHANGE old a INT', 'CALL p()', 'UPDATE t SET a = 1'],
      ['', 'UNRESUMABLE_CALL', 'UPDATE_ALL_ROWS'],
    ],
    [
      ['CALL unknown()', 'UPDATE t SET a = 1', 'ALTER TABLE t ADD b INT', 'UPDATE t SET b = 1'],
      ['UNRESUMABLE_CALL', 'UPDATE_ALL_ROWS', '', ''],
    ],
  ])('%j', (texts, expected) => {
    expect(codes(texts, serverWith({ t: filled, u: filled, n: absent }))).toEqual(expected)
  })

  test('a column that exists already is own, too: a stopped fan-out has added it to this shard, or the server refuses the statement', () => {
    const texts = [
      'ALTER TABLE t ADD COLUMN old INT',
      'UPDATE t SET old = id',
      'ALTER TABLE t MODIFY old SMALLINT NOT NULL',
    ]
    expect(codes(texts, serverWith({ t: filled }))).toEqual(['', '', ''])
  })

  test('a column is own without a server as well', () => {
    const texts = [
      'ALTER TABLE t ADD nid INT',
      'UPDATE t SET nid = id',
      'ALTER TABLE t MODIFY nid INT NOT NULL',
      'ALTER TABLE t MODIFY id INT',
    ]
    expect(codes(texts)).toEqual(['', '', '', 'NARROW_COLUMN'])
  })
})

const answers: readonly (readonly [ServerAnswer, string])[] = [
  [{ algorithm: 'INSTANT', lock: 'NONE', rebuilds: false }, ''],
  [{ algorithm: 'INPLACE', lock: 'NONE', rebuilds: false }, ''],
  [{ algorithm: 'INPLACE', lock: 'NONE', rebuilds: true }, 'REBUILDING_TABLE'],
  [{ algorithm: 'INPLACE', lock: 'SHARED', rebuilds: true }, 'BLOCKING_LOCK'],
  [{ algorithm: 'INPLACE', lock: 'EXCLUSIVE', rebuilds: false }, 'BLOCKING_LOCK'],
  [{ algorithm: 'COPY', lock: 'SHARED', rebuilds: true }, 'BLOCKING_COPY'],
]

/** The hazards of a change of `t` that is no danger by its text. */
function hazardsOf(answer: ServerAnswer, table: SchemaObject): readonly string[] {
  const context = { accepted: [], answer, tables: serverWith({ t: table }) }
  return findHazards(statementOf('ALTER TABLE t ADD COLUMN c INT'), context).map(({ code }) => code)
}

describe("the server's answer", () => {
  test.each(answers)('%o means "%s"', (answer, expected) => {
    expect(hazardsOf(answer, large).join(' ')).toBe(expected)
  })

  test('counts from 10,000 rows or 16 MB on', () => {
    const copy: ServerAnswer = { algorithm: 'COPY', lock: 'SHARED', rebuilds: true }
    const count = (rows: number, bytes: number) => hazardsOf(copy, stateOf('CREATE TABLE t', { rows, bytes })).length
    expect([count(9_999, 16 * 2 ** 20 - 1), count(10_000, 0), count(0, 16 * 2 ** 20)]).toEqual([0, 1, 1])
    expect(hazardsOf(copy, { type: 'absent' })).toEqual([])
    const made = ['CREATE TABLE t (a INT)', 'ALTER TABLE t ADD COLUMN c INT'].map((text, index) => {
      const planned = { statement: statementOf(text, index), accepted: [] }
      return index === 0 ? planned : { ...planned, answer: copy }
    })
    const tables = serverWith({ t: absent })
    const stopping = judgeInOrder(made, { tables }).flatMap(({ hazards }) =>
      hazards.filter((one) => one.kind !== 'advisory'),
    )
    expect(stopping).toEqual([])
    expect(hazardsOf(copy, { type: 'unknown' })).toHaveLength(1)
  })

  test('replaces the guess in both directions, and does not affect destructive hazards', () => {
    const judge = (text: string, answer: ServerAnswer) =>
      findHazards(statementOf(text), { accepted: [], answer }).map((hazard) => hazard.code)
    expect(
      judge('ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES x (id)', {
        algorithm: 'INPLACE',
        lock: 'NONE',
        rebuilds: false,
      }),
    ).toEqual([])
    expect(judge('ALTER TABLE t ADD a INT', { algorithm: 'COPY', lock: 'SHARED', rebuilds: true })).toEqual([
      'BLOCKING_COPY',
    ])
    expect(judge('ALTER TABLE t DROP a', { algorithm: 'INSTANT', lock: 'NONE', rebuilds: false })).toEqual([
      'DROP_COLUMN',
    ])
  })
})

describe('names that differ in case alone', () => {
  const onServer = (foldsNames: boolean): Schema => ({ ...serverWith({ t: large }), foldsNames })

  test.each([
    [['CREATE TABLE T (i INT)', 'DROP TABLE t'], 'DROP_TABLE'],
    [['CREATE TABLE T (i INT)', 'TRUNCATE TABLE app.t'], 'TRUNCATE_TABLE'],
    [['CREATE VIEW T AS SELECT 1 x', 'DELETE FROM t'], 'DELETE_ALL_ROWS'],
    [['ALTER TABLE T ADD COLUMN n INT', 'ALTER TABLE t DROP COLUMN n'], 'DROP_COLUMN'],
    [['CREATE TABLE Own (i INT)', 'DELETE t FROM Own AS T JOIN t'], 'DELETE_ALL_ROWS'],
  ])('%j: without a server, and on one that distinguishes them, nothing silences a hazard', (texts, code) => {
    expect(codes(texts).at(-1)).toBe(code)
    expect(codes(texts, onServer(false)).at(-1)).toBe(code)
  })

  test('without a server a state of either name is not known once both are used', () => {
    const texts = ['DROP TABLE t', 'RENAME TABLE old TO T', 'DROP TABLE t']
    expect(codes(texts)).toEqual(['DROP_TABLE', '', 'DROP_TABLE'])
    expect(codes(texts, onServer(true)).at(-1)).toBe('DROP_TABLE')
    expect(codes(texts, onServer(false)).at(-1)).toBe('')
  })

  test('a server that takes them for one table is believed', () => {
    expect(codes(['CREATE TABLE U (i INT)', 'DROP TABLE u'], onServer(true))).toEqual(['', ''])
  })
})

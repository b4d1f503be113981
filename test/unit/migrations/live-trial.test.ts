import { describe, expect, test } from 'vitest'
import {
  findUnproven,
  type LiveEvidence,
  type LiveTrial,
  week as within,
} from '../../../src/migrations/plan/live-trial.ts'
import { listTouched } from '../../../src/migrations/plan/touched-names.ts'
import { renderLiveTrial } from '../../../src/migrations/views/live-trial.ts'
import { spanText } from '../../../src/terminal/text/span.ts'
import type { ServerLook } from '../../../src/uses/ports.ts'
import { statementOf } from '../../helpers/migrations/statements.ts'

const now = Date.UTC(2026, 10, 30, 12)

/** A server that has counted for a week. */
function look(changes: Partial<Extract<ServerLook, { type: 'seen' }>> = {}): ServerLook {
  return {
    type: 'seen',
    ...{ name: 'primary', server: 'a:3306', uuid: 'a', sources: [], members: [], created: new Map() },
    ...{ rows: [], countedSince: now - within, now, lost: 0, lostAt: 0, resets: [], renames: [], countsIndexes: true },
    ...{ readers: 0, longestSample: 1024, longestDigest: 1024, indexes: [], users: new Map() },
    ...changes,
  }
}

const unseen: ServerLook = { name: 'b', server: 'b:3306', type: 'unseen', why: 'it cannot be reached' }

const why = (changes: Partial<LiveEvidence>): readonly string[] =>
  findUnproven({ within, looks: [look()], tried: 0, untried: 0, isUsed: true, others: [], ...changes })

describe('a trial of no statement', () => {
  test('is a proof where servers have counted for a week, and see other statements', () => {
    expect(why({})).toEqual([])
    expect(why({ looks: [look(), look({ name: 'b', lost: 4, lostAt: now - within - 1 })] })).toEqual([])
  })

  test.each([
    [{ looks: [look(), unseen] }, 'Live statements were not looked at on replica `b`: it cannot be reached.'],
    [
      { looks: [look(), look({ name: 'b', countedSince: now - within + 60_000 })] },
      'Statements have been counted on replica `b` only since 2026-11-23 12:01 UTC, less than the required seven days.',
    ],
    [
      { looks: [look({ lost: 1204, lostAt: now - 1 })] },
      '1,204 executions on the primary were counted in the row with DIGEST NULL (`performance_schema_digests_size`).',
    ],
    [{ isUsed: false }, 'No application has sent a statement to this database in the last seven days.'],
    [{ untried: 1 }, 'None of the statements that name what is changed could be tried.'],
    [{ others: ['procedure `p`'] }, 'Statements that use the procedure `p` were not looked for.'],
  ] as const)('is none otherwise, and says why: %#', (changes, sentence) => {
    expect(why(changes)).toEqual([sentence])
  })

  test('is a proof of the time that was asked for', () => {
    const hour = 3_600_000
    const young = look({ countedSince: now - hour, lost: 1, lostAt: now - hour })
    expect(why({ within: hour, looks: [young] })).toEqual([])
    expect(why({ within: 2 * hour, looks: [young], isUsed: false })).toEqual([
      'Statements have been counted on the primary only since 2026-11-30 11:00 UTC, less than the required 2 hours.',
      '1 execution on the primary was counted in the row with DIGEST NULL (`performance_schema_digests_size`).',
      'No application has sent a statement to this database in the last 2 hours.',
    ])
  })

  test('with some that were tried is none only where a server was not seen', () => {
    const young = look({ countedSince: now, lost: 3, lostAt: now })
    expect(why({ tried: 1, looks: [young], untried: 5, isUsed: false, others: ['procedure `p`'] })).toEqual([])
    expect(why({ tried: 1, looks: [young, unseen] })).toHaveLength(1)
  })
})

test('the answer says what it is a proof of, and of a trial that is none, why', () => {
  const said = (changes: Partial<LiveTrial>): string => {
    const trial = {
      database: 'app',
      within,
      tables: ['a', 'b'],
      tried: 0,
      broken: [],
      untried: [],
      unproven: [],
      notes: [],
    }
    const lines = renderLiveTrial({ ...trial, ...changes }, { columns: Infinity, verbose: false })
    return lines.map((line) => line.map(spanText).join('').trim()).join(' ')
  }
  expect(said({})).toBe('app: no live statement of the last seven days names `a` or `b`.')
  expect(said({ tried: 2 })).toBe('app: 2 live statements tried before and after the migration.')
  expect(said({ tried: 2, results: { compared: 1, uncompared: [{ why: 'it has LIMIT', statements: 1 }] } })).toMatch(
    /Results of 1 statement compared on rows that were made for it\. ! 1 result not compared: it has LIMIT\./,
  )
  expect(said({ unproven: ['Why.'] })).toBe('app: no live statement was tried: this proves nothing. ✗ Why.')
})

describe('what statements may name of what a plan changes', () => {
  const touched = (...texts: readonly string[]) =>
    listTouched(
      texts.map((text, index) => statementOf(text, index)),
      'app',
    )

  test.each([
    [
      ['ALTER TABLE a ADD COLUMN b INT', 'DROP INDEX c ON app.d', 'DROP TABLE other.e'],
      ['a', 'd'],
    ],
    [['CREATE TABLE a (id INT)', 'ALTER TABLE a ADD COLUMN b INT', 'CREATE VIEW v AS SELECT 1 FROM a'], []],
    [['CREATE TABLE a (id INT)', 'RENAME TABLE a TO b', 'DROP TABLE b'], []],
    [['DROP TABLE a', 'CREATE TABLE a (id INT)'], ['a']],
    [
      ['CREATE TABLE new LIKE a', 'RENAME TABLE a TO old, new TO a'],
      ['a', 'old'],
    ],
    [['CREATE OR REPLACE VIEW v AS SELECT 1', 'DROP EVENT e', 'DROP TRIGGER t'], ['v']],
    [
      [
        "UPDATE a SET b = 1 WHERE c = 'd'",
        'INSERT INTO app.e SELECT * FROM f',
        'DELETE FROM other.g',
        'SELECT * FROM h',
      ],
      ['a', 'e'],
    ],
    [['CREATE TABLE a (id INT)', 'INSERT INTO a VALUES (1)'], []],
    [['CREATE TRIGGER t AFTER INSERT ON a FOR EACH ROW SET @a = 1'], ['a']],
    [['CREATE TABLE a (id INT)', 'CREATE TRIGGER t AFTER INSERT ON `a` FOR EACH ROW SET @a = 1'], []],
  ])('%j', (texts, tables) => {
    expect(touched(...texts)).toEqual({ tables, others: [] })
  })

  test('are routines and schemas, which are not looked for, and none of those that it makes', () => {
    expect(
      touched('DROP PROCEDURE p', 'ALTER FUNCTION f COMMENT "a"', 'CREATE FUNCTION g() RETURNS INT RETURN 1'),
    ).toEqual({
      tables: [],
      others: ['procedure `p`', 'function `f`'],
    })
  })
})

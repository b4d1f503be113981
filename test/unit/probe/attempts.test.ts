import { describe, expect, test } from 'vitest'
import { makeAttempts } from '../../../src/probe/scratch-copies.ts'

/** The statement's texts, in the order in which they are tried. */
const texts = (statement: string): readonly string[] => makeAttempts(statement).map((attempt) => attempt.text)

describe('ALTER TABLE', () => {
  test('is tried from the least to the most disruptive', () => {
    expect(makeAttempts('ALTER TABLE t ADD a INT')).toEqual([
      { algorithm: 'INSTANT', lock: 'NONE', text: 'ALTER TABLE t ALGORITHM=INSTANT, LOCK=DEFAULT, ADD a INT' },
      { algorithm: 'INPLACE', lock: 'NONE', text: 'ALTER TABLE t ALGORITHM=INPLACE, LOCK=NONE, ADD a INT' },
      { algorithm: 'INPLACE', lock: 'SHARED', text: 'ALTER TABLE t ALGORITHM=INPLACE, LOCK=SHARED, ADD a INT' },
      { algorithm: 'INPLACE', lock: 'EXCLUSIVE', text: 'ALTER TABLE t ALGORITHM=INPLACE, LOCK=EXCLUSIVE, ADD a INT' },
      { algorithm: 'COPY', lock: 'SHARED', text: 'ALTER TABLE t ALGORITHM=COPY, LOCK=SHARED, ADD a INT' },
      { algorithm: 'COPY', lock: 'EXCLUSIVE', text: 'ALTER TABLE t ALGORITHM=COPY, LOCK=EXCLUSIVE, ADD a INT' },
    ])
  })

  test('keeps its own ALGORITHM', () => {
    expect(texts('ALTER TABLE t ADD a INT, ALGORITHM = INSTANT')).toEqual([
      'ALTER TABLE t LOCK=DEFAULT, ADD a INT, ALGORITHM = INSTANT',
    ])
    expect(texts('alter table t algorithm copy, add a int')).toEqual([
      'alter table t LOCK=SHARED, algorithm COPY, add a int',
      'alter table t LOCK=EXCLUSIVE, algorithm COPY, add a int',
    ])
  })

  test('keeps its own LOCK, without which INSTANT is tried', () => {
    expect(texts('ALTER TABLE t ADD a INT, LOCK=NONE')).toEqual([
      'ALTER TABLE t ALGORITHM=INSTANT, ADD a INT, LOCK=DEFAULT',
      'ALTER TABLE t ALGORITHM=INPLACE, ADD a INT, LOCK=NONE',
    ])
  })

  test('that asks for the default is asked about', () => {
    expect(texts('ALTER TABLE t ADD a INT, ALGORITHM=DEFAULT, LOCK=DEFAULT')).toHaveLength(6)
    expect(texts('ALTER TABLE t ADD a INT, ALGORITHM=DEFAULT')[1]).toBe(
      'ALTER TABLE t LOCK=NONE, ADD a INT, ALGORITHM=INPLACE',
    )
  })

  test.each([
    [
      'ALTER TABLE `a b`.`t` PARTITION BY HASH(id)',
      'ALTER TABLE `a b`.`t` ALGORITHM=INSTANT, LOCK=DEFAULT PARTITION BY HASH(id)',
    ],
    ['ALTER TABLE t REMOVE PARTITIONING', 'ALTER TABLE t ALGORITHM=INSTANT, LOCK=DEFAULT REMOVE PARTITIONING'],
    [
      'ALTER TABLE t /*!50100 PARTITION BY HASH(id) */',
      'ALTER TABLE t ALGORITHM=INSTANT, LOCK=DEFAULT /*!50100 PARTITION BY HASH(id) */',
    ],
    ['/*!80000 ALTER TABLE t FORCE */', '/*!80000 ALTER TABLE t ALGORITHM=INSTANT, LOCK=DEFAULT, FORCE */'],
    [
      'ALTER TABLE t -- why\n ADD `algorithm` INT',
      'ALTER TABLE t ALGORITHM=INSTANT, LOCK=DEFAULT, -- why\n ADD `algorithm` INT',
    ],
  ])('%s puts the options where the grammar has them', (statement, first) => {
    expect(texts(statement)[0]).toBe(first)
  })
})

describe('CREATE INDEX and DROP INDEX', () => {
  test('have the options at their end, without a comma', () => {
    expect(texts('CREATE INDEX i ON t (a)')[1]).toBe('CREATE INDEX i ON t (a)\nALGORITHM=INPLACE LOCK=NONE')
    expect(texts('DROP INDEX i ON t')[0]).toBe('DROP INDEX i ON t\nALGORITHM=INSTANT LOCK=DEFAULT')
  })

  test('have each of them once', () => {
    expect(texts('CREATE FULLTEXT INDEX i ON t (a) LOCK=SHARED')).toEqual([
      'CREATE FULLTEXT INDEX i ON t (a) LOCK=DEFAULT\nALGORITHM=INSTANT',
      'CREATE FULLTEXT INDEX i ON t (a) LOCK=SHARED\nALGORITHM=INPLACE',
      'CREATE FULLTEXT INDEX i ON t (a) LOCK=SHARED\nALGORITHM=COPY',
    ])
  })

  test('may have the name of an option', () => {
    expect(texts('CREATE INDEX algorithm ON `lock` (`lock`)')).toHaveLength(6)
  })
})

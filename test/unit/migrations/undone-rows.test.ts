import { describe, expect, test } from 'vitest'
import type { Pass } from '../../../src/migrations/journal/journal.ts'
import { findStanding } from '../../../src/migrations/undo/refuse-undone.ts'
import type { UndoRecord } from '../../../src/operate/undo/undo-record.ts'

const at = (minute: number): number => Date.UTC(2026, 10, 29, 12, minute)

function record(changes: Partial<UndoRecord>): UndoRecord {
  return {
    name: 'wwdb_undo_1f0c22aa_a',
    version: '0002',
    direction: 'up',
    statement: 0,
    state: 'undone',
    rows: 5,
    undone: 5,
    since: at(1),
    keptUntil: at(50),
    isThere: true,
    kept: {
      verb: 'UPDATE',
      schema: 's',
      table: 'a',
      key: { index: 'PRIMARY', columns: [] },
      keyDefinitions: [],
      columns: [],
    },
    ...changes,
  }
}

function mark(version: string, minute: number): Pass {
  return {
    pass: 3,
    version,
    name: 'b',
    kind: 'mark',
    direction: 'down',
    checksum: '',
    total: 1,
    closed: 1,
    open: 0,
    openedAt: `2026-11-29 12:0${minute}:00.000000`,
    closedAt: null,
    milliseconds: 0,
    appliedBy: '',
    toolVersion: '',
  }
}

describe('rows that are put back stand in the way of a down part', () => {
  const undone = record({})

  test.each([
    ['those of its up part', [undone], [], true],
    ['those of its down part', [record({ direction: 'down' })], [], true],
    ['those of a shard', [record({ version: '0002/7' })], [], true],
    ['those of a batch that was put back in part', [record({ state: 'kept', undone: 1 })], [], true],
    ['not those of another migration', [record({ version: '0003' })], [], false],
    ['not where none is put back', [record({ state: 'kept', undone: 0 })], [], false],
    ['not what a person marked since', [undone], [mark('0002', 2)], false],
    ['but what was marked before', [undone], [mark('0002', 0)], true],
    ['and where another one was marked', [undone], [mark('0003', 2)], true],
    ['not where it ran again', [undone, record({ undone: 0, state: 'kept', since: at(3) })], [], false],
    ['but where another statement ran', [undone, record({ statement: 1, undone: 0, since: at(3) })], [], true],
    ['not where the other part ran since', [undone, record({ direction: 'down', undone: 0, since: at(3) })], [], false],
  ] as const)('%s', (_, records, passes, stands) => {
    expect(findStanding(records, passes, '0002') !== null).toBe(stands)
  })
})

import { expect, test } from 'vitest'
import type { RetiredRecord } from '../../../src/operate/retire/record.ts'
import { judgeRetired } from '../../../src/retire/judge.ts'
import type { Watched, WatchedServer } from '../../../src/uses/watch-object.ts'

const [since, now] = [1_000_000, 2_000_000]

function seen(
  name: string,
  uuid: string,
  changes: { sources?: readonly string[]; readers?: number } = {},
): WatchedServer {
  const { sources = [], readers = 0 } = changes
  return {
    ...{ name, type: 'seen', statements: [], unjudged: 0, count: 0, created: null },
    seen: {
      ...{ uuid, sources, members: [], created: new Map(), rows: [], countedSince: 0, now, lost: 0, lostAt: 0 },
      ...{ resets: [], renames: [], countsIndexes: true, readers, longestSample: 1024, longestDigest: 1024 },
      ...{ indexes: [], users: new Map() },
    },
  }
}

const unseen = (name: string): WatchedServer => ({ name, type: 'unseen', why: 'nothing listens there' })

const baseline = (name: string) => ({ name, at: since, count: 0, created: null })

function judge(baselines: RetiredRecord['baselines'], ...servers: readonly WatchedServer[]) {
  const record: RetiredRecord = {
    ...{ pass: 1, statement: 0, version: '1', state: 'retired', type: 'index', table: 'users', part: 'by_nick' },
    ...{ hold: '', isHidden: true, why: '', wasVisible: true, grace: 0, since, baselines, uses: [] },
    ...{ proof: null, dropVersion: null },
  }
  const watched: Watched = { servers, code: [], unjudgedCode: [] }
  return judgeRetired(record, watched)
}

test('a replica that is named twice, by two addresses, hides none that is not named', () => {
  const known = { p: baseline('primary'), r: baseline('host') }
  const replica = { sources: ['p'] }
  const both = [seen('host', 'r', replica), seen('vip', 'r', replica)]
  expect(judge(known, seen('primary', 'p', { readers: 1 }), ...both)).toMatchObject({ type: 'unused' })
  expect(judge(known, seen('primary', 'p', { readers: 2 }), ...both)).toMatchObject({
    type: 'unproven',
    why: [
      '2 connections read the binary log of the primary, and `throttle.replicas` names 1: the others were not looked at.',
    ],
  })
})

test('a server is known by the name that it was last seen by', () => {
  const known = { p: baseline('primary'), r: baseline('old') }
  const { baselines } = judge(known, seen('primary', 'p'), seen('new', 'r'))
  expect(baselines).toEqual({ p: baseline('primary'), r: baseline('new') })
  // It is named still, and was only not reached: its watch goes on.
  expect(judge(baselines, seen('primary', 'p'), unseen('new'))).toMatchObject({
    type: 'unproven',
    why: ['Replica `new` was not looked at: nothing listens there.'],
    baselines,
  })
  expect(judge(baselines, seen('primary', 'p'))).toMatchObject({
    why: ['Replica `new` was watched, and is not named any more: all are watched from now on.'],
  })
})

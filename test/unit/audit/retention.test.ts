import { expect, test } from 'vitest'
import { describeRemoved, removalBatch, removeOldRecord } from '../../../src/audit/retention.ts'
import { computeGrants } from '../../../src/grants/compute-grants.ts'
import { purposes } from '../../../src/grants/purpose.ts'
import { resolveText, sentences } from '../config/resolve-text.ts'

const keep = 730 * 86_400_000

/** A ledger with so many old rows, whose every statement takes some milliseconds. */
function ledgerWith(old: { events: number; runs: number }, milliseconds = 0) {
  const statements: string[] = []
  let clock = 0
  const remove = (what: 'events' | 'runs') => async (_schema: string, _keep: number, most: number) => {
    clock += milliseconds
    const count = Math.min(most, old[what])
    old[what] -= count
    statements.push(`${what} ${count}`)
    return count
  }
  const ledger = { removeOldEvents: remove('events'), removeOldRuns: remove('runs') }
  return { statements, run: () => removeOldRecord(ledger, 'app', keep, () => clock) }
}

test('old events go before old runs, in batches, until nothing old is left', async () => {
  const { statements, run } = ledgerWith({ events: 3, runs: removalBatch + 20 })
  expect(await run()).toEqual({ shardEvents: 3, runs: removalBatch + 20 })
  expect(statements).toEqual(['events 3', `runs ${removalBatch}`, 'runs 20'])
})

test('a record with nothing old costs one statement of each kind', async () => {
  const { statements, run } = ledgerWith({ events: 0, runs: 0 })
  expect(await run()).toEqual({ shardEvents: 0, runs: 0 })
  expect(statements).toEqual(['events 0', 'runs 0'])
})

test('a command gives a second to what is old, and leaves the rest to the next one', async () => {
  const { statements, run } = ledgerWith({ events: 10 * removalBatch, runs: 10 }, 400)
  expect(await run()).toEqual({ shardEvents: 3 * removalBatch, runs: 0 })
  expect(statements).toHaveLength(3)
})

test('what was removed is a sentence with its counts, and where nothing was there is no sentence', () => {
  expect(describeRemoved({ runs: 1204, shardEvents: 1 }, keep)).toBe(
    'The record of 1,204 runs and 1 shard event was removed: older than 730 days (`audit.keep`).',
  )
  expect(describeRemoved({ runs: 0, shardEvents: 0 }, keep)).toBeNull()
})

test.each([
  ['none', null],
  ['730d', keep],
  ['30 days', 30 * 86_400_000],
])('audit.keep takes %s', (text, milliseconds) => {
  const { config, faults } = resolveText(
    JSON.stringify({ databases: { app: {} }, url: 'mysql://root@h', audit: { keep: text } }),
  )
  expect(faults).toEqual([])
  expect(config.audit).toEqual({ keep: milliseconds })
})

test.each(['24m', '0', '29d', '2 years', '730'])(
  'audit.keep refuses %s, which would remove too much or says nothing',
  (text) => {
    const resolution = resolveText(
      JSON.stringify({ databases: { app: {} }, url: 'mysql://root@h', audit: { keep: text } }),
    )
    expect(sentences(resolution)).toHaveLength(1)
    expect(sentences(resolution)[0]).toMatch(/audit\.keep/)
  },
)

test('every purpose that writes rows of runs may delete them', () => {
  const { config } = resolveText(JSON.stringify({ databases: { app: {} }, url: 'mysql://root@h' }))
  const family = {
    database: 'app',
    division: { type: 'period' },
    policy: { keep: null, view: null },
    template: { sharedReferences: [], text: '' },
  }
  const project = { config, migrations: new Map(), families: [family as never], seeded: ['app'] }
  const writing = purposes.filter((purpose) =>
    computeGrants(project, purpose, config.databases).some(({ privileges }) => privileges.includes('CREATE')),
  )
  expect(writing).toEqual(['migrate', 'rotate', 'split', 'seed', 'provision'])
  for (const purpose of writing)
    expect(computeGrants(project, purpose, config.databases)[0]?.privileges, purpose).toContain('DELETE')
})

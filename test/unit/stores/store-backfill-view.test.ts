import { expect, it } from 'vitest'
import { storeBackfillView } from '../../../src/stores/commands/store-backfill-view.ts'
import type { BackfillOutcome } from '../../../src/stores/contract.ts'
import { spanText } from '../../../src/terminal/text/span.ts'

const complete: BackfillOutcome = {
  task: 'hourly',
  from: '2026-11-01T00:00:00Z',
  to: '2026-11-15T00:00:00Z',
  writesFrom: '2026-11-01T00:00:00Z',
  runs: 112,
  doneBefore: 0,
  done: 112,
  continuedAt: null,
  state: 'done',
}
const later = { doneBefore: 72, continuedAt: '2026-11-10T00:00:00Z' }

it.each<[string, Partial<BackfillOutcome>]>([
  ['✓ all 112 runs are done', {}],
  ['✓ all 112 runs are done, 40 by this command', { ...later, done: 40 }],
  ['✓ the run is done', { runs: 1, done: 1 }],
  ['! 3 of 112 runs done', { state: 'stopped', done: 3 }],
  ['! 80 of 112 runs done, 8 by this command', { ...later, state: 'stopped', done: 8 }],
  ['· 112 runs cover it', { state: 'planned', done: 0 }],
  ['· 112 runs cover it, 72 of them are done, up to 2026-11-10T00:00:00Z', { ...later, state: 'planned', done: 0 }],
  [
    '· 1 run covers it; a run covers more than the range and writes the windows since 2026-10-31T22:00:00Z',
    { state: 'planned', runs: 1, done: 0, writesFrom: '2026-10-31T22:00:00Z' },
  ],
])('people see: %s', (seen, changes) => {
  const page = { columns: Infinity, verbose: false }
  const [line = []] = storeBackfillView.render({ kind: 'store-backfill', outcome: { ...complete, ...changes } }, page)
  const text = line.map(spanText).join('')
  expect(text.replace(/ influxdb hourly from \S+ to \S+:/, '')).toBe(seen)
})

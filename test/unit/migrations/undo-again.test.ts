import { expect, test } from 'vitest'
import { type RefusedRow, tryAgain } from '../../../src/migrations/undo/try-again.ts'
import type { BatchProgress, ChunkOutcome } from '../../../src/operate/batches/walk-table.ts'

const progress: BatchProgress = {
  ...{
    index: 'PRIMARY',
    first: ['1'],
    end: ['3'],
    last: null,
    rows: 0,
    chunks: 0,
    walked: 0,
    size: 1,
    milliseconds: 0,
  },
}
const rows: readonly RefusedRow[] = ['1', '2', '3'].map((id) => ({ after: null, upTo: [id] }))
const done: ChunkOutcome = { type: 'done', rows: 1 }
const failed = (how: 'row' | 'waited' | 'other'): ChunkOutcome => ({ type: 'failed', how })

function attempt(outcomeOf: (id: string, times: number) => ChunkOutcome) {
  const tries: string[] = []
  const nothing = () => Promise.resolve()
  const run = async (_: string, { upTo: [id = ''] }: RefusedRow) => {
    tries.push(id)
    return outcomeOf(id, tries.filter((one) => one === id).length)
  }
  const effects = { run, between: nothing, save: nothing, rollBack: nothing, rest: nothing }
  const left = tryAgain(effects, progress, rows, (waits) => new Error(`failed after ${waits}`))
  return { left, tries }
}

test('refused rows are tried from the last to the first and back, while any of them is put back', async () => {
  const { left, tries } = attempt((id, times) => (id === '3' || (id === '1' && times === 2) ? done : failed('row')))
  expect(await left).toEqual([{ after: null, upTo: ['2'] }])
  expect(tries).toEqual(['3', '2', '1', '1', '2', '2'])
})

test('a row that others hold locked is waited for, and is no refused row', async () => {
  const soon = attempt((id, times) => (id === '2' && times < 4 ? failed('waited') : done))
  expect(await soon.left).toEqual([])
  const never = attempt((id) => (id === '2' ? failed('waited') : done))
  await expect(never.left).rejects.toThrow('failed after 10')
  const broken = attempt((id) => (id === '2' ? failed('other') : done))
  await expect(broken.left).rejects.toThrow('failed after 1')
})

import { expect, it } from 'vitest'
import { Restarts } from '../../../../../src/migrations/mysql/vitess/restarts.ts'
import type { MigrationState, ShardMigration } from '../../../../../src/migrations/vitess/shard-migrations.ts'
import type { Asker } from '../../../../../src/mysql/connection.ts'

const running: MigrationState = { type: 'running', percent: 0, waiting: null }
const plain: ShardMigration = {
  ...{ uuid: 'u', table: 'letters', shard: '-80', status: 'running', message: '', progress: 0 },
  ...{ throttled: '', throttleRatio: 0, isPostponed: false, isReady: false, hasStarted: true },
  ...{ tablet: 'zone1-101', seen: '2026-12-01 10:00:00', life: 'a', isPlain: true },
}

/** @param answer what the server of a shard says, by its name: whether it was started later, or an error */
function openRestarts(answer: (shard: string) => string | null | Error) {
  const asked: string[] = []
  let at = ''
  const connection: Asker = {
    ask: async (text) => {
      at = /^USE `ks:(.+)`$/.exec(text)?.[1] ?? (text.startsWith('USE') ? '' : at)
      const said = text.startsWith('SELECT') ? answer(at) : null
      if (text.startsWith('SELECT')) asked.push(at)
      if (said instanceof Error) throw said
      return { rows: [[said]], affected: null, insertId: null, warningCount: 0 }
    },
  }
  return { restarts: new Restarts({ keyspace: 'ks', looker: { ask: (question) => question(connection) } }), asked }
}

it('plain DDL is not waited for where the server of its shard was started after it had begun', async () => {
  const { restarts, asked } = openRestarts((shard) => (shard === '80-' ? '1' : '0'))
  const rows = [plain, { ...plain, shard: '80-', uuid: 'v' }]
  expect(await restarts.judge(rows, running, 1000)).toEqual(running)
  expect(await restarts.judge(rows, running, 10_999)).toEqual(running)
  expect(asked).toEqual([])
  expect(await restarts.judge(rows, running, 11_000)).toEqual({
    type: 'silent',
    why: expect.stringMatching(/^shard 80- calls migration v .* was started after that.*'v' CANCEL/),
  })
  expect(asked).toEqual(['-80', '80-'])
})

it('what copies, waits or has ended is not asked about', async () => {
  const { restarts, asked } = openRestarts(() => '1')
  const rows = [
    { ...plain, isPlain: false },
    { ...plain, status: 'queued' },
    { ...plain, status: 'complete' },
  ]
  for (const now of [0, 20_000, 40_000]) expect(await restarts.judge(rows, running, now)).toEqual(running)
  const ended: MigrationState = { type: 'complete', tables: 1 }
  expect(await restarts.judge([plain], ended, 60_000)).toEqual(ended)
  expect(asked).toEqual([])
})

it('the run waits on where the server has run all the time, does not answer, or does not show it', async () => {
  for (const said of ['0', null, new Error('command denied')]) {
    const { restarts, asked } = openRestarts(() => said)
    for (const now of [0, 10_000, 15_000, 20_000]) expect(await restarts.judge([plain], running, now)).toEqual(running)
    expect(asked).toHaveLength(2)
  }
})

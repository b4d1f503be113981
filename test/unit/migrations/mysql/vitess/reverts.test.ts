import { expect, it, vi } from 'vitest'
import { ToolError } from '../../../../../src/core/tool-error.ts'
import { Giving } from '../../../../../src/migrations/mysql/vitess/giving.ts'
import { RevertTurns } from '../../../../../src/migrations/mysql/vitess/revert-turns.ts'
import { Reverts } from '../../../../../src/migrations/mysql/vitess/reverts.ts'
import type { ShardMigration } from '../../../../../src/migrations/vitess/shard-migrations.ts'
import type { Answer, Connection } from '../../../../../src/mysql/connection.ts'
import { MonitorConnection } from '../../../../../src/mysql/monitor-connection.ts'

const nothing: Answer = { rows: [], affected: 0, insertId: null, warningCount: 0 }
const shards = ['-80', '80-']

/** The migration that is taken back, on both shards. */
const columns = {
  ...{ keyspace: 'ks', migration_uuid: 'u', mysql_table: 'users', ddl_action: 'alter', migration_status: 'complete' },
  ...{ strategy: 'vitess', completed_timestamp: '2026-12-01 10:00:00.000001', artifacts: '_vt_vrp_1,' },
}
const kept: Answer = {
  ...{ ...nothing, columns: ['shard', ...Object.keys(columns)] },
  rows: shards.map((shard) => [shard, ...Object.values(columns)]),
}

/** What leads REVERTs over connections that answer as Vitess does, and what was done in which order. */
function open(given: { readonly renew?: () => void; readonly isCanceled?: boolean } = {}) {
  const done: string[] = []
  const ask = async (text: string): Promise<Answer> => {
    if (text.startsWith('SELECT migration_uuid')) return { ...nothing, rows: [['u', 86_000, 400]] }
    if (text === 'SHOW VITESS_MIGRATIONS FROM `ks`') return kept
    if (/^(?:REVERT|ALTER|USE)/.test(text)) done.push(text)
    return nothing
  }
  const beside = () => new MonitorConnection(async () => ({ ask }) as unknown as Connection)
  const renew = async (): Promise<void> => {
    done.push('renew')
    given.renew?.()
  }
  const parts = {
    ...{ looker: beside(), follower: beside(), keyspace: { name: 'ks', shards }, renew },
    isCanceled: () => given.isCanceled === true,
  }
  return { done, parts, giving: new Giving({ renew, sure: () => undefined }) }
}

const begun: ShardMigration = {
  ...{ uuid: 'r', shard: '-80', status: 'running', table: 'u', message: '', progress: 0, throttled: '' },
  ...{ throttleRatio: 0, isPostponed: true, isReady: true, hasStarted: true, reverts: true },
}

/** A shard that is missing is seen without it for a while before it gets it. */
async function takeTwice(parts: ConstructorParameters<typeof RevertTurns>[0]) {
  const turns = new RevertTurns(parts, 'u')
  const now = performance.now.bind(performance)
  await turns.take([begun])
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now() + 10_000)
  return turns.take([begun]).finally(() => clock.mockRestore())
}

const afterLooks = (done: readonly string[]): readonly string[] => done.slice(done.indexOf('renew'))

it('the lease is renewed right before a REVERT is given, and before a shard gets it again', async () => {
  const first = open()
  await first.giving.lead(() => new Reverts({ ...first.parts, giving: first.giving }).give('u', null))
  expect(afterLooks(first.done)).toEqual(['renew', "REVERT VITESS_MIGRATION 'u'"])
  const again = open()
  expect(await takeTwice(again.parts)).toEqual({ goesOn: true, why: null })
  expect(afterLooks(again.done)).toEqual(['renew', 'USE `ks:80-`', "REVERT VITESS_MIGRATION 'u'", 'USE `ks`'])
})

it('a run that has lost its lease gives a REVERT to no shard', async () => {
  const lost = new ToolError('LOCK_LOST', { what: 'The lease was lost.' })
  const renew = (): void => {
    throw lost
  }
  const first = open({ renew })
  const giving = first.giving.lead(() => new Reverts({ ...first.parts, giving: first.giving }).give('u', null))
  await expect(giving).rejects.toBe(lost)
  const again = open({ renew })
  await expect(takeTwice(again.parts)).rejects.toBe(lost)
  expect([...first.done, ...again.done].filter((text) => text.startsWith('REVERT'))).toEqual([])
})

it('what was canceled is given to no further shard, and is canceled where it waits', async () => {
  const { done, parts } = open({ isCanceled: true })
  expect(await takeTwice(parts)).toEqual({ goesOn: false, why: 'it was canceled' })
  expect(afterLooks(done)).toEqual(['renew', "ALTER VITESS_MIGRATION 'r' CANCEL"])
})

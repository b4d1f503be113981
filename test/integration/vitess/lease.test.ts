import fc from 'fast-check'
import { createConnection, type Connection as Raw, type RowDataPacket } from 'mysql2/promise'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { renderTakeAway } from '../../../src/migrations/mysql/vitess/administration.ts'
import { Lease, readLease } from '../../../src/migrations/mysql/vitess/lease.ts'
import type { Asker } from '../../../src/mysql/connection.ts'
import { migration, withStages } from '../../helpers/tool/stage.ts'
import { fencedBy, type Held, type ModelRow, releasedBy, takenBy } from '../../helpers/vitess/lease-model.ts'
import { describeVitess, withVitess } from '../../helpers/vitess/vitess-server.ts'
import { clearKeyspaces, openVitessStage } from '../../helpers/vitess/vitess-stage.ts'

const openStage = withStages()
const vitess = withVitess()
const target = { database: 'user_db', schema: 'user_db', server: 'vtgate' }

const opened: Raw[] = []
afterAll(() => {
  for (const one of opened) one.destroy()
})

/** A connection as a lease sees it. */
async function connect(autocommit: boolean): Promise<Asker> {
  const raw = await createConnection({ uri: `${vitess().url}/user_db`, rowsAsArray: true })
  opened.push(raw)
  await raw.query(`SET autocommit=${autocommit ? 1 : 0}`)
  return {
    ask: async (text) => {
      const [answer] = await raw.query<RowDataPacket[]>(text)
      if (Array.isArray(answer)) return { rows: answer as never, affected: null, insertId: null, warningCount: 0 }
      const { affectedRows } = answer as { readonly affectedRows: number }
      return { rows: [], affected: affectedRows, insertId: null, warningCount: 0 }
    },
  }
}

interface Run {
  readonly lease: Lease
  readonly keeper: Asker
  readonly worker: Asker
}

async function openRun(name: string, person: string): Promise<Run> {
  const [keeper, worker] = [await connect(true), await connect(false)]
  const request = {
    keyspace: 'user_db',
    name,
    target,
    subject: `\`${name}\``,
    person,
    runner: `elsewhere:${person}`,
    connectionId: 1,
    isAlive: () => null,
  }
  return { lease: new Lease(request, (work) => work(keeper)), keeper, worker }
}

/** As time that passes, or a clock that is set. */
const expire = ({ keeper }: Run, name: string) =>
  keeper.ask(`UPDATE wwdb_lease SET expires=UTC_TIMESTAMP(6) - INTERVAL 1 SECOND WHERE name='${name}'`)

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : String(error)),
  )

beforeAll(async () => {
  await clearKeyspaces(vitess())
})

describeVitess('a lease through vtgate', () => {
  it('lets what a run wrote roll back where another has taken its lease', async () => {
    const [paused, other] = [await openRun('paused', 'ann'), await openRun('paused', 'bob')]
    await paused.keeper.ask('CREATE TABLE IF NOT EXISTS written (id INT NOT NULL PRIMARY KEY)')
    await paused.lease.take(0, () => undefined)
    await paused.worker.ask('INSERT INTO written VALUES (1)')
    expect(await codeOf(other.lease.take(0, () => undefined))).toBe('LOCK_HELD')
    await expire(paused, 'paused')
    await other.lease.take(0, () => undefined)
    expect(await codeOf(paused.lease.fence(paused.worker))).toBe('LOCK_LOST')
    expect(await codeOf(paused.lease.renew())).toBe('LOCK_LOST')
    await paused.worker.ask('ROLLBACK')
    await other.worker.ask('INSERT INTO written VALUES (2)')
    await other.lease.fence(other.worker)
    await other.worker.ask('COMMIT')
    expect((await paused.keeper.ask('SELECT id FROM written')).rows).toEqual([[2]])
    // What the first one gives back is no longer its own.
    await paused.lease.release()
    expect(await codeOf(other.lease.renew())).toBe('done')
    await other.lease.release()
  })

  it("is no longer its holder's where a failover has lost that write, and another run has got the same token", async () => {
    const [early, late] = [await openRun('twice', 'ann'), await openRun('twice', 'bob')]
    await early.lease.take(0, () => undefined)
    // The new primary has not seen the first run.
    await early.keeper.ask("UPDATE wwdb_lease SET token=token-1,owner='',expires=UTC_TIMESTAMP(6) WHERE name='twice'")
    await late.lease.take(0, () => undefined)
    expect(await codeOf(early.lease.fence(early.worker))).toBe('LOCK_LOST')
    await early.worker.ask('ROLLBACK')
    await early.lease.release()
    expect(await codeOf(late.lease.renew())).toBe('done')
    await late.lease.release()
  })

  it('is not taken between a fence and its COMMIT', async () => {
    const [writer, other] = [await openRun('between', 'ann'), await openRun('between', 'bob')]
    await writer.lease.take(0, () => undefined)
    await writer.lease.fence(writer.worker)
    // It has ended by the clock, but its holder has the row.
    await writer.worker.ask("UPDATE wwdb_lease SET expires=UTC_TIMESTAMP(6) - INTERVAL 1 SECOND WHERE name='between'")
    await other.keeper.ask('SET innodb_lock_wait_timeout=1')
    expect(await codeOf(other.lease.take(0, () => undefined))).toBe('LOCK_HELD')
    await writer.worker.ask('COMMIT')
    expect(await codeOf(other.lease.take(0, () => undefined))).toBe('done')
    expect(await codeOf(writer.lease.fence(writer.worker))).toBe('LOCK_LOST')
    writer.lease.stop()
    other.lease.stop()
  })

  it('is taken by `lock release` from the run that was shown alone', async () => {
    const [shown, other] = [await openRun('shown', 'ann'), await openRun('shown', 'bob')]
    await shown.lease.take(0, () => undefined)
    const place = { keyspace: 'user_db', name: 'shown' }
    const row = await readLease(shown.keeper, place)
    expect(row?.person).toBe('ann')
    await expire(shown, 'shown')
    await other.lease.take(0, () => undefined)
    const { affected } = await shown.keeper.ask(renderTakeAway(place, { token: row?.token ?? '' }))
    expect([affected, await codeOf(other.lease.renew())]).toEqual([0, 'done'])
    for (const { lease } of [shown, other]) lease.stop()
  })

  it('ends in time after a clock that was set back', async () => {
    const run = await openRun('clock', 'ann')
    await run.lease.take(0, () => undefined)
    await run.keeper.ask("UPDATE wwdb_lease SET expires=UTC_TIMESTAMP(6) + INTERVAL 1 DAY WHERE name='clock'")
    await run.lease.renew()
    expect((await readLease(run.keeper, { keyspace: 'user_db', name: 'clock' }))?.left).toBeLessThanOrEqual(15_000)
    run.lease.stop()
  })

  it('does what its model does, whoever takes, writes, gives back, and whatever the clock does', {
    timeout: 120_000,
  }, async () => {
    const names = ['a', 'b', 'c'] as const
    const deed = fc.record({
      type: fc.constantFrom('take', 'take', 'write', 'release', 'expire'),
      run: fc.constantFrom(...names),
    })
    let round = 0
    await fc.assert(
      fc.asyncProperty(fc.array(deed, { minLength: 5, maxLength: 14 }), async (deeds) => {
        round += 1
        const name = `model ${round}`
        const runs = new Map(await Promise.all(names.map(async (one) => [one, await openRun(name, one)] as const)))
        const tokens = new Map<string, Held>()
        let row: ModelRow = { token: 0, owner: '', expires: 0 }
        for (const { type, run } of deeds) {
          const own = runs.get(run)
          const token = tokens.get(run)
          if (own === undefined) continue
          if (type === 'expire') {
            await expire(own, name).catch(() => undefined)
            row = { ...row, expires: 0 }
          } else if (type === 'take' && token === undefined) {
            const after = takenBy(row, run, 1, 10)
            expect(await codeOf(own.lease.take(0, () => undefined))).toBe(after === row ? 'LOCK_HELD' : 'done')
            if (after !== row) tokens.set(run, after)
            row = after
          } else if (type === 'write' && token !== undefined) {
            const after = fencedBy(row, token, 1, 10)
            expect(await codeOf(own.lease.fence(own.worker))).toBe(after === null ? 'LOCK_LOST' : 'done')
            await own.worker.ask(after === null ? 'ROLLBACK' : 'COMMIT')
            row = after ?? row
          } else if (type === 'release' && token !== undefined) {
            await own.lease.release()
            row = releasedBy(row, token, 1)
            tokens.delete(run)
            runs.set(run, await openRun(name, run))
          }
        }
        for (const { lease } of runs.values()) lease.stop()
        while (opened.length > 0) opened.pop()?.destroy()
      }),
      { numRuns: 12 },
    )
  })

  it('lets ten runs that begin at once do everything once', { timeout: 180_000 }, async () => {
    const files = {
      'user_db/20260101000000_once.sql': migration(
        'CREATE TABLE once (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, n INT NOT NULL);\nINSERT INTO once (n) VALUES (1);\nINSERT INTO once (n) VALUES (2);\nALTER TABLE once ADD COLUMN m INT NULL;',
      ),
    }
    const stage = await openVitessStage(openStage, vitess(), { files })
    const runs = await Promise.all(Array.from({ length: 10 }, () => stage.run(['migrate', '--yes', '-t', 'user_db'])))
    expect(runs.map(({ exitCode, stderr }) => (exitCode === 0 ? 0 : stderr))).toEqual(
      Array.from({ length: 10 }, () => 0),
    )
    expect(await stage.ask('SELECT n,m FROM once ORDER BY id')).toEqual([
      [1, null],
      [2, null],
    ])
    expect(await stage.ask("SELECT COUNT(*) FROM wwdb_journal_user_db WHERE pass>0 AND state='closed'")).toEqual([[4]])
    const { stdout } = await stage.run(['lock', 'status'])
    expect(stdout).toMatch(/user_db at \S+: free/)
  })

  it('is shown with its holder, and taken from it by `lock release`', { timeout: 60_000 }, async () => {
    // The migrations of the other tests are not in the files of this one.
    await clearKeyspaces(vitess())
    const held = await openRun('user_db', 'carol')
    await held.lease.take(20_000, () => undefined)
    const stage = await openVitessStage(openStage, vitess(), { files: {} })
    expect((await stage.run(['lock', 'status'])).stdout).toContain('carol')
    stage.write('user_db/20260109000000_one.sql', migration('CREATE TABLE one (id INT NOT NULL PRIMARY KEY);'))
    const waiting = await stage.run(['migrate', '--yes', '-t', 'user_db', '--lock-timeout', '0'])
    expect([waiting.exitCode, waiting.stderr]).toEqual([75, expect.stringMatching(/held by carol \(elsewhere:carol\)/)])
    // Its holder writes: the row is locked, and it is no less held.
    await held.lease.fence(held.worker)
    const locked = await stage.run(['migrate', '--yes', '-t', 'user_db', '--lock-timeout', '0'])
    expect([locked.exitCode, locked.stderr]).toEqual([75, expect.stringMatching(/held by carol \(elsewhere:carol\)/)])
    await held.worker.ask('COMMIT')
    const { exitCode, stderr } = await stage.run(['lock', 'release', '-t', 'user_db', '--yes', '--confirm', 'user_db'])
    expect([exitCode, stderr]).toEqual([0, expect.anything()])
    expect(await codeOf(held.lease.fence(held.worker))).toBe('LOCK_LOST')
  })

  it('the lease of VSchemas is shown with its holder, and taken from it by `lock release`', {
    timeout: 60_000,
  }, async () => {
    const held = await openRun('/vschema', 'dora')
    await held.lease.take(20_000, () => undefined)
    const stage = await openVitessStage(openStage, vitess(), { files: {} })
    expect((await stage.run(['lock', 'status'])).stdout).toMatch(/VSchemas: held by .*dora/)
    const { exitCode, stderr, stdout } = await stage.run([
      ...['lock', 'release', '-t', 'message_db', '--yes', '--confirm', 'message_db'],
    ])
    expect([exitCode, stdout], stderr).toEqual([0, expect.not.stringContaining('dora')])
    expect(await codeOf(held.lease.renew())).toBe('LOCK_LOST')
    expect((await stage.run(['lock', 'status', '--json'])).stdout).toMatch(/"vschemas":\s*null/)
  })
})

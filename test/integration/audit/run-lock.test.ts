import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { expect, test } from 'vitest'
import { runLedgers } from '../../../src/audit/ports.ts'
import { databaseOf } from '../../helpers/migrations/engine.ts'
import { testParts } from '../../helpers/mysql/test-door.ts'
import { withSchema } from '../../helpers/servers/schema.ts'

const schema = withSchema('run_lock')

/** Another run would take this one for abandoned, and mark it as stopped while it goes on. */
test('a run whose lock another session still holds asks for it again with what it writes next', async () => {
  const { hostname, port: number } = new URL(schema().server.url)
  const { server } = databaseOf('app')
  const place = { ...server, host: hostname, port: Number(number), label: `${hostname}:${number}` }
  const id = `20261130T080000-${schema().name.slice(-8)}`
  const lock = `wwdb_run_${id}`
  const ci = { job: null, actor: null, commit: null }
  const identity = { id, command: 'migrate', flags: '', person: 'ann', host: 'h', process: 1, toolVersion: '0.0.0', ci }
  const start = { identity, commit: null, planDigest: null }
  const other = await createConnection({ uri: schema().url })
  const ask = async (text: string): Promise<unknown> =>
    Object.values((await other.query<RowDataPacket[]>(text))[0][0] ?? {})[0]
  const ledger = await (await testParts()(runLedgers)).open(place, { connect: 10_000, lockWait: 5000 }, id)
  try {
    // As the session of a connection that was lost, which the server has not noticed yet.
    expect(await ask(`SELECT GET_LOCK('${lock}', 0)`)).toBe(1)
    await ledger.begin(schema().name, start)
    expect(await ask(`SELECT IS_USED_LOCK('${lock}')`)).toBe(other.threadId)
    await ask(`SELECT RELEASE_LOCK('${lock}')`)
    await ledger.begin(schema().name, start)
    expect(await ask(`SELECT IS_USED_LOCK('${lock}')`)).not.toBeNull()
    expect(await ask(`SELECT outcome FROM wwdb_runs WHERE run_id = '${id}'`)).toBe('running')
    expect(
      await ask(
        `SELECT COUNT(*) FROM wwdb_runs WHERE outcome = 'running' AND IS_USED_LOCK(CONCAT('wwdb_run_', run_id)) IS NULL`,
      ),
    ).toBe(0)
  } finally {
    await ledger.close()
    await other.end()
  }
})

import { createConnection } from 'mysql2/promise'
import { describe, expect, test } from 'vitest'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { migration, tableMigration, withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()

describe.each(versionsInTurn(import.meta.url))('the wait of a definition in the lock queue, MySQL %s', (version) => {
  /** Seconds for which the ALTER waits that stands behind a young transaction. */
  async function waitOf(alter: string): Promise<unknown> {
    const { url } = await testServerOf(version)
    const guard = { transaction: '1h', budget: '1m' }
    const project = await stage({ url, files: { 'app/0001_a.sql': tableMigration('a') }, configuration: { guard } })
    expect(await project.run(['migrate', '--yes'])).toMatchObject({ exitCode: 0 })
    project.write('app/0002_b.sql', migration(alter))
    const schema = project.schema('app')
    const young = await createConnection({ uri: url, database: schema })
    try {
      await young.query('START TRANSACTION')
      await young.query('SELECT * FROM a')
      const going = project.run(['migrate', '--yes'])
      const waits = `SELECT v.VARIABLE_VALUE FROM performance_schema.metadata_locks g JOIN performance_schema.variables_by_thread v ON v.THREAD_ID = g.OWNER_THREAD_ID AND v.VARIABLE_NAME = 'lock_wait_timeout' WHERE g.LOCK_STATUS = 'PENDING' AND g.LOCK_TYPE = 'EXCLUSIVE' AND g.OBJECT_SCHEMA = '${schema}' AND g.OBJECT_NAME = 'a'`
      let found: readonly (readonly unknown[])[] = []
      const look = async (): Promise<number> => {
        found = await project.query(waits)
        return found.length
      }
      await expect.poll(look, { timeout: 30_000, interval: 50 }).toBeGreaterThan(0)
      await young.query('COMMIT')
      expect(await going).toMatchObject({ exitCode: 0 })
      return found[0]?.[0]
    } finally {
      young.destroy()
    }
  }

  test('one that rebuilds its table waits three seconds from the first attempt on: it would lose hours of work to a transaction of two seconds at its end', async () => {
    expect(await waitOf('ALTER TABLE a ENGINE=InnoDB;')).toBe('3')
  }, 60_000)

  test('one that only changes the dictionary waits a second', async () => {
    expect(await waitOf('ALTER TABLE a ADD COLUMN b INT;')).toBe('1')
  }, 60_000)
})

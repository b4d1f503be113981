import { createConnection } from 'mysql2/promise'
import { expect, test } from 'vitest'
import { compileNaming } from '../../../src/calendar/naming.ts'
import { holdName } from '../../../src/shards/shard.ts'
import { withSchema } from '../../helpers/servers/schema.ts'

const schema = withSchema()

/** InnoDB names foreign keys and checks after their table, and renames them with it: all of it must fit into 64 characters. */
test('a shard with the longest name there can be, and foreign keys, goes to its hold name and back', async () => {
  const connection = await createConnection({ uri: schema().url })
  try {
    const key = String(2n ** 64n - 1n)
    const source = { database: 'd', table: 't', column: 'id', deletedAt: null }
    const table = compileNaming(`${'m'.repeat(36)}{key}`, { type: 'key', source }).name(key)
    const hold = holdName({ family: 'm', key, table, from: null, to: null }, Date.UTC(2026, 11, 1))
    await connection.query('CREATE TABLE parent (id BIGINT PRIMARY KEY)')
    await connection.query(
      `CREATE TABLE ${table} (id BIGINT PRIMARY KEY, a BIGINT CHECK (a > 0), FOREIGN KEY (a) REFERENCES parent (id))`,
    )
    await connection.query(`RENAME TABLE ${table} TO ${hold}`)
    await connection.query(`RENAME TABLE ${hold} TO ${table}`)
    const [rows] = await connection.query('SHOW TABLES')
    expect(rows).toHaveLength(2)
    expect(JSON.stringify(rows)).toContain(table)
  } finally {
    await connection.end()
  }
})

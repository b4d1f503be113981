import { describe, expect, it } from 'vitest'
import type { InsideKeyspace } from '../../../../src/migrations/mysql/vitess/inside-keyspace.ts'
import type { Answer, Asker } from '../../../../src/mysql/connection.ts'
import { KeyspaceChanges } from '../../../../src/shards/mysql/vitess/changes.ts'
import type { KeyspaceRegistry } from '../../../../src/shards/registry/keyspace-registry.ts'

const answer = (rows: Answer['rows']): Answer => ({ rows, affected: null, insertId: null, warningCount: 0 })

/** Two shards, each with a table. @param changing whether a Reshard is in progress, by the number of tables that were renamed */
function openChanges(changing: (renamed: number) => boolean) {
  const tables = new Map([
    ['-80', 'letters'],
    ['80-', 'letters'],
  ])
  let shard = ''
  const connection: Asker = {
    ask: async (text) => {
      const [, at] = /^USE `message_db:(.+)`$/.exec(text) ?? []
      if (text.startsWith('USE ')) shard = at ?? ''
      const [, shown] = /^SHOW CREATE TABLE `(.+)`$/.exec(text) ?? []
      if (shown !== undefined && tables.get(shard) !== shown)
        throw Object.assign(new Error('no table'), { errno: 1146, code: 'ER_NO_SUCH_TABLE' })
      if (text.startsWith('RENAME TABLE')) tables.set(shard, 'held')
      return answer([['letters', 'CREATE TABLE']])
    },
  }
  const renamed = (): number => [...tables.values()].filter((name) => name === 'held').length
  const inside = {
    shards: ['-80', '80-'],
    reader: { ask: (question: (one: Asker) => unknown) => question(connection) },
    renew: async () => undefined,
    definitions: { findChanging: async () => (changing(renamed()) ? 'a Reshard is in progress' : null) },
  } as unknown as InsideKeyspace
  const target = { database: 'message_db', schema: 'message_db', server: 'vtgate:1' }
  return { changes: new KeyspaceChanges(inside, {} as KeyspaceRegistry, target), renamed }
}

describe('a table that is renamed on each shard', () => {
  it('is done where no Reshard has begun meanwhile', async () => {
    const { changes, renamed } = openChanges(() => false)
    await changes.rename('letters', 'held')
    expect(renamed()).toBe(2)
  })

  it.each([0, 1, 2])('is not called renamed where a Reshard has begun after %d shards', async (before) => {
    const { changes, renamed } = openChanges((count) => count >= before)
    await expect(changes.rename('letters', 'held')).rejects.toMatchObject({ code: 'SHARDS_CHANGING' })
    expect(renamed()).toBe(before)
  })
})

describe('a table that is dropped', () => {
  it('is not called dropped where the shards that serve have none, and a Reshard may have copied it', async () => {
    const { changes } = openChanges(() => true)
    await expect(changes.drop('notes', 'notes')).rejects.toMatchObject({ code: 'SHARDS_CHANGING' })
  })
})

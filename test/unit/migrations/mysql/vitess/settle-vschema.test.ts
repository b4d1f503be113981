import { describe, expect, it } from 'vitest'
import { digestDefinitions } from '../../../../../src/migrations/execute/recover.ts'
import { settleVschema } from '../../../../../src/migrations/mysql/vitess/settle-vschema.ts'
import type { Answer, Asker } from '../../../../../src/mysql/connection.ts'

const objects = [{ type: 'vschema', schema: null, name: 'ids' } as const]
const answer = (rows: Answer['rows']): Answer => ({ rows, affected: 0, insertId: null, warningCount: 0 })

interface World {
  /** Whether the topology has it. */
  readonly isIn: boolean
  /** From which look on vtgate shows it. */
  readonly shownFrom?: number
}

/** Settles the row of a sequence that the VSchema did not have. Returns also how often somebody was told that it is waited for. */
async function settle({ isIn, shownFrom = Number.POSITIVE_INFINITY }: World) {
  let [looks, told] = [0, 0]
  const connection: Asker = {
    ask: async (text) => {
      if (text.startsWith('ALTER VSCHEMA ON'))
        throw new Error(isIn ? 'vindex not defined in table ids' : 'table ids not defined in vschema')
      if (text === 'SHOW VSCHEMA KEYSPACES') return answer([['user_db', 'false']])
      if (text.startsWith('VEXPLAIN PLAN SELECT NEXT')) {
        looks += 1
        return answer([[JSON.stringify({ Variant: looks >= shownFrom ? 'Next' : 'Unsharded' })]])
      }
      return answer([[JSON.stringify({ Keyspace: { Name: 'user_db' }, Query: 'insert into ids(id) values (1)' })]])
    },
  }
  const row = { summary: 'ALTER VSCHEMA ADD SEQUENCE ids', objects, fingerprint: digestDefinitions(objects, [null]) }
  const tell = (): void => {
    told += 1
  }
  return { settlement: await settleVschema(connection, 'user_db', row, tell, 300), told }
}

describe('an open row of a VSchema', () => {
  it('is compared as any other where the topology does not have it', async () => {
    expect((await settle({ isIn: false })).settlement).toBeNull()
  })

  it('has run once this vtgate shows it, too, and is waited for until then', async () => {
    const { settlement, told } = await settle({ isIn: true, shownFrom: 4 })
    expect(settlement).toMatchObject({ type: 'ran' })
    expect(told).toBeGreaterThan(0)
  })

  it('is not called run where nobody has published it, and says how that is done', async () => {
    expect((await settle({ isIn: true })).settlement).toMatchObject({
      type: 'unknown',
      next: expect.stringContaining('`vtctldclient RebuildVSchemaGraph`'),
    })
  })
})

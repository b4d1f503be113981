import { expect, test } from 'vitest'
import { type CarryRequest, carryOut } from '../../../../src/shards/fan-out/carry-out.ts'
import { planFanOuts } from '../../../../src/shards/fan-out/plan-fan-outs.ts'
import type { ShardFinding } from '../../../../src/shards/shard.ts'
import { migrationOf } from '../../../helpers/migrations/engine.ts'
import { keyFamily } from '../../../helpers/shards/families.ts'

const family = keyFamily('contacts')
const migration = migrationOf(`${family.database}/20260101000000`, { shards: 'contacts' })
const mark: ShardFinding = {
  family: 'contacts',
  key: '',
  kind: 'moved',
  table: 'contact_db.contacts',
  state: 'live',
  rows: null,
  at: 1,
  closed: null,
}
const nobody = (): Promise<never> => Promise.reject(new Error('nothing is written'))

/** The store and the ledger of a family that was switched. */
const placeOf = (findings: readonly ShardFinding[]) => ({
  store: {
    target: { database: family.database, schema: 'app', server: 'db' },
    readRegistry: async () => ({
      exists: true,
      generation: 1,
      families: [],
      shards: [],
      findings,
      traces: [],
      lastRunAt: null,
    }),
    listTables: async () => [],
    writeRegistry: nobody,
    close: async () => undefined,
  },
  ledger: { create: nobody, readChanges: async () => [], recordChanges: nobody, close: async () => undefined },
})

const refusal = {
  code: 'MOVE_REFUSED',
  faults: [
    {
      why: expect.stringContaining('has moved to `contact_db.contacts`'),
      next: expect.stringContaining('`wwdb mark 20260101000000 --applied'),
    },
  ],
}

// Only what a fan-out asks for.
const requestOf = (findings: readonly ShardFinding[], direction: 'up' | 'down') =>
  ({ ...placeOf(findings), family, families: [family], migration, direction, pending: [] }) as unknown as CarryRequest

test.each(['up', 'down'] as const)(
  'no migration runs on the shards of a family that has moved (%s)',
  async (direction) => {
    await expect(carryOut(requestOf([mark], direction))).rejects.toMatchObject(refusal)
    const others = [
      { ...mark, family: 'groups' },
      { ...mark, closed: { at: 2, by: 'a', reason: 'b' } },
    ]
    expect(await carryOut(requestOf(others, direction))).toMatchObject({ total: 0 })
  },
)

test.each(['apply', 'revert'] as const)(
  'no migration is planned for the shards of a family that has moved (%s)',
  async (type) => {
    const place = placeOf([mark])
    const request = {
      config: { timeouts: {} },
      schemas: {},
      probe: false,
      services: {
        families: async () => [family],
        stores: async () => ({ open: async () => place.store }),
        ledgers: async () => ({ open: async () => place.ledger }),
      },
    }
    const target = { database: { name: family.database }, all: [migration], migrations: [migration] }
    const plan = { targets: [{ target: { database: family.database }, steps: [{ type, migration }] }] }
    await expect(
      // @ts-expect-error: only what a plan asks for
      planFanOuts(request, plan, [target]),
    ).rejects.toMatchObject(refusal)
  },
)

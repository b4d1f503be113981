import { expect, test } from 'vitest'
import { limitToTouched, noRecordChange, type RecordedSchema } from '../../../src/ddl/recorded-schema.ts'
import { objectKey } from '../../../src/ddl/snapshot.ts'

const table = (name: string) => ({ type: 'table' as const, name })
const touched = (name: string, schema: string | null, elsewhere = false) => ({
  elsewhere,
  objects: [{ type: 'table' as const, schema, name }],
})

/** A record with a trigger of the table `a`. */
const recorded: RecordedSchema = {
  objects: new Map([
    [
      objectKey({ type: 'trigger', name: 'tr' }),
      { ...{ type: 'trigger', name: 'tr' }, definition: () => ({ type: 'trigger', name: 'tr', table: 'a' }) } as never,
    ],
  ]),
  through: 4,
  partial: new Map(),
}
const removal = { ...noRecordChange, remove: [table('a'), table('b'), { type: 'trigger' as const, name: 'tr' }] }

test('a change of another database is recorded as far as statements name its objects with their schema', () => {
  expect(limitToTouched(removal, recorded, touched('a', 'app'), 'app')).toMatchObject({
    schema: 'app',
    through: 4,
    remove: [{ name: 'a' }, { name: 'tr' }],
  })
  expect(limitToTouched(removal, recorded, touched('a', 'other'), 'app')).toBeNull()
  expect(limitToTouched(removal, recorded, touched('a', null), 'app')).toBeNull()
})

test('a change is recorded whole where no text names what was touched', () => {
  expect(limitToTouched(removal, recorded, touched('z', 'other', true), 'app')?.remove).toEqual(removal.remove)
  const creation = { ...noRecordChange, put: [{ type: 'event', name: 'e' } as never] }
  expect(limitToTouched(creation, recorded, touched('z', 'other', true), 'app')?.put).toEqual(creation.put)
  expect(limitToTouched(creation, recorded, touched('z', 'other'), 'app')).toBeNull()
})

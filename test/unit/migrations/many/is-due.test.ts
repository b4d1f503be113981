import { expect, test } from 'vitest'
import { isDue } from '../../../../src/migrations/many/is-due.ts'
import { configOf, databaseOf } from '../../../helpers/migrations/engine.ts'

test('a run of those that failed also takes targets whose journal only a session of its own can read', () => {
  const database = databaseOf('tenant_db')
  const due = {
    config: configOf(['tenant_db']),
    files: new Map(),
    target: { label: 'tenant_db/acme', placedLabel: null, database },
  }
  const options = { failedOnly: true }
  expect(isDue({ ...due, options }, { type: 'unclear' })).toBe(true)
  expect(isDue({ ...due, options }, { type: 'empty' })).toBe(false)
  expect(isDue({ ...due, options: {} }, { type: 'empty' })).toBe(true)
})

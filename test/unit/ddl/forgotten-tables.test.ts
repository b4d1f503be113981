import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FollowedTable } from '../../../src/ddl/followed-table.ts'
import { stateOf } from '../../helpers/ddl/known-tables.ts'

test('a table is forgotten from the code that cannot be read on, and not before, whatever changed it', () => {
  const known = stateOf('CREATE TABLE t (id INT PRIMARY KEY)')
  if (known.type !== 'table') throw new Error('the table is not known')
  fc.assert(
    fc.property(fc.array(fc.constantFrom('change', 'forget'), { maxLength: 40 }), (steps) => {
      let table = FollowedTable.change(known, (one) => one)
      expect(table.isForgotten).toBe(false)
      for (const [at, step] of steps.entries()) {
        table =
          step === 'forget' ? FollowedTable.forget(table) : FollowedTable.change(table, (one) => ({ ...one, rows: at }))
        expect(table.isForgotten).toBe(steps.slice(0, at + 1).includes('forget'))
      }
    }),
  )
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FollowedTable } from '../../../src/ddl/followed-table.ts'
import { listNew } from '../../../src/ddl/schema.ts'
import { serverWith, stateOf, tableOf } from '../../helpers/ddl/known-tables.ts'

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

test('the plan made the tables that a statement of it created and that nothing has forgotten since', () => {
  const kinds = fc.constantFrom('server', 'changed', 'made', 'made-changed', 'made-forgotten')
  fc.assert(
    fc.property(fc.uniqueArray(kinds), (chosen) => {
      const known = stateOf('CREATE TABLE t (id INT PRIMARY KEY)')
      if (known.type !== 'table') throw new Error('the table is not known')
      const made = FollowedTable.make('t', 'a.sql:1', '', () => tableOf('CREATE TABLE t (id INT PRIMARY KEY)'))
      const states = {
        server: known,
        changed: FollowedTable.change(known, (one) => one),
        made,
        'made-changed': FollowedTable.change(made, (one) => one),
        'made-forgotten': FollowedTable.forget(made),
      }
      const schema = serverWith(Object.fromEntries(chosen.map((kind) => [kind, states[kind]])))
      const found = listNew(schema).map(([, state]) => state)
      expect(new Set(found)).toEqual(
        new Set(chosen.filter((kind) => kind === 'made' || kind === 'made-changed').map((kind) => states[kind])),
      )
    }),
  )
})

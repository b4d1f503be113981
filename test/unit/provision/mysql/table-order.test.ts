import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TableOrder } from '../../../../src/provision/mysql/clone-schemas.ts'
import type { RecipeTable } from '../../../../src/provision/ports.ts'

const tableOf = (table: string, ...parents: readonly string[]): RecipeTable => ({
  schema: 'a',
  table,
  text: '',
  parents: parents.map((parent) => `a.${parent}`),
  columns: null,
  naming: {},
})

/** Takes tables with so many hands until all are made; the hand that a number chooses is through first. */
function makeAll(tables: readonly RecipeTable[], hands: number, choose: (count: number) => number) {
  const order = new TableOrder(tables)
  const running: RecipeTable[] = []
  const made: string[] = []
  const overlaps: string[] = []
  while (made.length < tables.length) {
    for (let table = running.length < hands ? order.take() : null; table !== null; ) {
      for (const other of running)
        if (other.parents.some((parent) => table?.parents.includes(parent)))
          overlaps.push(`${other.table} ${table.table}`)
      running.push(table)
      table = running.length < hands ? order.take() : null
    }
    const [done] = running.splice(choose(running.length), 1)
    if (done === undefined) throw new Error('nobody works, and something is left')
    order.done(done)
    made.push(done.table)
  }
  return { made, overlaps }
}

describe('the order of tables that are cloned', () => {
  it('is parents first, the longest line before others, and the others while children would wait for each other', () => {
    const tables = [
      tableOf('z'),
      tableOf('roles'),
      tableOf('grants', 'roles'),
      tableOf('rights', 'roles'),
      tableOf('y'),
    ]
    const order = new TableOrder(tables)
    const [roles, ...others] = [order.take(), order.take(), order.take(), order.take()]
    expect(roles?.table).toBe('roles')
    expect(others.map((table) => table?.table)).toEqual(['z', 'y', undefined])
    if (roles) order.done(roles)
    const grants = order.take()
    expect([grants?.table, order.take()]).toEqual(['grants', null])
    if (grants) order.done(grants)
    expect(order.take()?.table).toBe('rights')
    expect(order.isEmpty).toBe(true)
  })

  it('makes rings, tables that name themselves, and those whose parent is of no recipe', () => {
    const tables = [tableOf('a', 'b'), tableOf('b', 'a'), tableOf('self', 'self'), tableOf('far', 'elsewhere')]
    expect(makeAll(tables, 3, () => 0).made.toSorted()).toEqual(['a', 'b', 'far', 'self'])
  })

  it('makes each once, children after their parents, never two children of one parent at a time', () => {
    const tablesOf = fc
      .array(fc.array(fc.nat(20), { maxLength: 3 }), { minLength: 1, maxLength: 20 })
      .map((lists) =>
        lists.map((numbers, index) =>
          tableOf(`t${index}`, ...numbers.filter((number) => number < index).map((number) => `t${number}`)),
        ),
      )
    fc.assert(
      fc.property(tablesOf, fc.integer({ min: 1, max: 6 }), fc.nat(), (tables, hands, seed) => {
        const { made, overlaps } = makeAll(tables, hands, (count) => seed % count)
        expect(made.toSorted()).toEqual(tables.map(({ table }) => table).toSorted())
        expect(overlaps).toEqual([])
        for (const { table, parents } of tables)
          for (const parent of parents) expect(made.indexOf(parent.slice(2))).toBeLessThan(made.indexOf(table))
      }),
    )
  })
})

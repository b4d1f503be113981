import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { orderRows, type RowPosition } from '../../../src/seeds/order-rows.ts'
import type { SeedCell, SeedReference, SeedRow, SeedTable } from '../../../src/seeds/seed.ts'

const place = { file: 'seeds/app/a.yaml', line: 1, column: 1 }
const cell = (text: string): SeedCell => ({ value: { type: 'text', text }, place })

/** Which row refers to which, as pairs of positions; a row may refer to one row of each table. */
interface World {
  readonly sizes: readonly number[]
  readonly links: readonly (readonly [from: RowPosition, to: RowPosition])[]
}

/** Tables in which each row may refer to one of every table by its code; codes that no row has are in the database. */
function tablesOf({ sizes, links }: World): readonly SeedTable[] {
  return sizes.map((size, table) => ({
    file: `seeds/app/t${table}.yaml`,
    table: `t${table}`,
    tablePlace: place,
    key: ['code'],
    keyPlace: place,
    references: sizes.map(
      (_, parent): SeedReference => ({
        field: `r${parent}`,
        column: `r${parent}_id`,
        table: `t${parent}`,
        key: ['code'],
        value: 'id',
        label: null,
        place,
      }),
    ),
    changedByHand: 'keep',
    matrix: null,
    rows: Array.from({ length: size }, (_, row): SeedRow => {
      const own = links.filter(([from]) => from.table === table && from.row === row)
      return {
        place,
        environments: null,
        cells: new Map([['code', cell(`c${row}`)]]),
        references: new Map(own.map(([, to]) => [`r${to.table}`, [cell(`c${to.row}`)]])),
      }
    }),
  }))
}

const position = (sizes: readonly number[]) =>
  fc
    .integer({ min: 0, max: sizes.length - 1 })
    .chain((table) => fc.integer({ min: 0, max: Math.max(0, (sizes[table] ?? 1) - 1) }).map((row) => ({ table, row })))

const worlds = fc
  .array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 4 })
  .chain((sizes) =>
    fc.record({
      sizes: fc.constant(sizes),
      links: fc.array(fc.tuple(position(sizes), position(sizes)), { maxLength: 12 }),
    }),
  )
  // The last of several links of a row into one table is the one that its reference holds.
  .map(
    ({ sizes, links }): World => ({
      sizes,
      links: [...new Map(links.map((link) => [`${link[0].table}/${link[0].row}/${link[1].table}`, link])).values()],
    }),
  )

const nameOf = ({ table, row }: RowPosition): string => `${table}/${row}`

/** True where following links from a row can come back to it: the slow and plain way. */
function hasRing({ links }: World): boolean {
  const reach = (from: string, seen: ReadonlySet<string>): boolean =>
    links.some(
      ([one, to]) =>
        nameOf(one) === from && (seen.has(nameOf(to)) || reach(nameOf(to), new Set([...seen, nameOf(to)]))),
    )
  return links.some(([from]) => reach(nameOf(from), new Set([nameOf(from)])))
}

describe('the order of rows', () => {
  test('has every row once, each after those that it refers to, or reports a real cycle', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const order = orderRows(tablesOf(world), () => true)
        if (order.type === 'cycle') {
          expect(hasRing(world)).toBe(true)
          for (const [index, row] of order.rows.entries()) {
            const next = order.rows[(index + 1) % order.rows.length]
            expect(
              world.links.some(([from, to]) => nameOf(from) === nameOf(row) && next && nameOf(to) === nameOf(next)),
            ).toBe(true)
          }
          return
        }
        expect(hasRing(world)).toBe(false)
        const waves = new Map(
          order.waves.flatMap(({ table, rows }, wave) => rows.map((row) => [nameOf({ table, row }), wave])),
        )
        expect(waves.size).toBe(world.sizes.reduce((sum, size) => sum + size, 0))
        expect(order.waves.flatMap(({ rows }) => rows)).toHaveLength(waves.size)
        for (const [from, to] of world.links)
          expect(waves.get(nameOf(from))).toBeGreaterThan(waves.get(nameOf(to)) ?? Infinity)
        expect(orderRows(tablesOf(world), () => true)).toEqual(order)
      }),
      { numRuns: 300 },
    )
  })

  test('leaves out rows that take no part, and what refers to them is not held up', () => {
    const world: World = {
      sizes: [2],
      links: [
        [
          { table: 0, row: 0 },
          { table: 0, row: 1 },
        ],
      ],
    }
    const [table] = tablesOf(world)
    const order = orderRows(
      tablesOf(world),
      (row) => table !== undefined && row.cells.get('code')?.value !== undefined && row.references.size > 0,
    )
    expect(order).toEqual({ type: 'waves', waves: [{ table: 0, rows: [0] }] })
  })
})

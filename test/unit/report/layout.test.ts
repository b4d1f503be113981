import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { layOut } from '../../../src/report/diagram/layout.ts'
import type { ReportDatabase, ReportKey } from '../../../src/report/report.ts'
import { sampleColumn, sampleTable } from '../../helpers/report/report-sample.ts'

const key = (table: string, database = 'app'): ReportKey => ({
  columns: ['parent_id'],
  database,
  table,
  parentColumns: ['id'],
  physical: true,
})

function database(links: Readonly<Record<string, readonly ReportKey[]>>): ReportDatabase {
  const columns = [sampleColumn('id', { key: 'primary' }), sampleColumn('parent_id'), sampleColumn('text')]
  const tables = Object.entries(links).map(([name, keys]) => sampleTable(name, { keys, columns }))
  const facts = { schema: 'app', server: 'host:3306', serverVersion: null, source: 'server', others: [] } as const
  return { name: 'app', ...facts, tables, leftOut: 0, migrations: null }
}

describe('the layout of a diagram', () => {
  test('puts parents on the left of their children, and parents of other databases beside them', () => {
    const { boxes, edges } = layOut(
      database({ a: [], b: [key('a')], c: [key('b'), key('users', 'user_db')], alone: [] }),
    )
    const at = (id: string): number => boxes.find((box) => box.id === id)?.x ?? Number.NaN
    expect(at('app.a')).toBeLessThan(at('app.b'))
    expect(at('app.b')).toBeLessThan(at('app.c'))
    expect(at('user_db.users')).toBeLessThan(at('app.c'))
    expect(boxes.find(({ id }) => id === 'user_db.users')?.own).toBe(false)
    expect(edges).toHaveLength(3)
    expect(edges.every(({ child, parent, from, to }) => from.x === child.x && to.x === parent.x + parent.width)).toBe(
      true,
    )
  })

  test('any tables with any keys, in circles and to themselves, are drawn inside, and no box covers another', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f']
    const links = fc.record(
      Object.fromEntries(names.map((name) => [name, fc.uniqueArray(fc.constantFrom(...names), { maxLength: 4 })])),
    )
    fc.assert(
      fc.property(links, (chosen) => {
        const tables = database(
          Object.fromEntries(Object.entries(chosen).map(([name, to]) => [name, to.map((one) => key(one))])),
        )
        const { boxes, edges, width, height } = layOut(tables)
        expect(boxes).toHaveLength(names.length)
        expect(edges).toHaveLength(Object.values(chosen).flat().length)
        for (const box of boxes) {
          expect(box.x >= 0 && box.y >= 0 && box.x + box.width <= width && box.y + box.height <= height).toBe(true)
          const covered = boxes.filter(
            (other) =>
              other !== box &&
              box.x < other.x + other.width &&
              other.x < box.x + box.width &&
              box.y < other.y + other.height &&
              other.y < box.y + box.height,
          )
          expect(covered.map(({ id }) => id)).toEqual([])
        }
        expect(layOut(tables)).toEqual(layOut(tables))
      }),
      { numRuns: 200 },
    )
  })
})

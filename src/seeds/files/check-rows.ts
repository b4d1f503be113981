import type { Fault } from '../../core/tool-error.ts'
import { orderRows, type RowPosition } from '../order-rows.ts'
import { type SeedPlace, type SeedRow, type SeedTable, textOf } from '../seed.ts'
import { meant } from './tree-reader.ts'

const placeText = ({ file, line }: SeedPlace): string => `${file}:${line}`

/** What is wrong with the tables of one database, taken together: rows that are there twice, cycles, unknown keys. */
export function checkRows(tables: readonly SeedTable[]): readonly Fault[] {
  return [...tables.flatMap(checkKey), ...findTwins(tables), ...findCycles(tables)]
}

/** The parts of a row's key as people read them. */
function describeKey(row: SeedRow, key: readonly string[]): Readonly<Record<string, string | null>> {
  return Object.fromEntries(key.map((part) => [part, partText(row, part)]))
}

function partText(row: SeedRow, part: string): string | null {
  const named = row.references.get(part)
  if (named != null) return named.map(({ value }) => textOf(value) ?? 'NULL').join('/')
  const cell = row.cells.get(part)
  return cell === undefined ? null : textOf(cell.value)
}

/** A column that a reference fills is named by the reference. */
function checkKey({ key, keyPlace, references }: SeedTable): readonly Fault[] {
  return key.flatMap((part) => {
    const reference = references.find(({ column, field }) => column === part && field !== part)
    if (reference === undefined) return []
    return [
      {
        what: `The key names the column "${part}", which the reference "${reference.field}" fills.`,
        where: keyPlace,
        next: meant(reference.field, [reference.field]),
      },
    ]
  })
}

function findTwins(tables: readonly SeedTable[]): readonly Fault[] {
  const first = new Map<string, SeedRow>()
  const faults: Fault[] = []
  for (const table of tables) {
    for (const row of table.rows) {
      const key = describeKey(row, table.key)
      const name = JSON.stringify([table.table, Object.entries(key).toSorted()])
      const other = first.get(name)
      if (other === undefined) first.set(name, row)
      else {
        const said = Object.entries(key).map(([part, text]) => `${part} ${text}`)
        faults.push({
          what: `${table.table} has the row with ${said.join(', ')} twice.`,
          where: row.place,
          why: `It stands in ${placeText(other.place)}, too.`,
          next: 'Remove one of them; a row for several environments lists them all.',
        })
      }
    }
  }
  return faults
}

function findCycles(tables: readonly SeedTable[]): readonly Fault[] {
  const order = orderRows(tables, () => true)
  if (order.type === 'waves') return []
  const rows = order.rows.map((position) => rowAt(tables, position))
  const places = rows.map((row) => (row === undefined ? '' : placeText(row.place)))
  const where = rows[0]?.place
  return [
    {
      what:
        rows.length === 1
          ? 'The row refers to itself, and can never be the first to be written.'
          : `${rows.length} rows refer to each other in a ring: none can be the first to be written.`,
      ...(where === undefined ? {} : { where }),
      why: `${places.join(' refers to ')}${rows.length === 1 ? '' : `, which refers to ${places[0]}`}.`,
      next: 'Leave the reference of one of them empty, and fill it by a seed in SQL.',
    },
  ]
}

function rowAt(tables: readonly SeedTable[], { table, row }: RowPosition): SeedRow | undefined {
  return tables[table]?.rows[row]
}

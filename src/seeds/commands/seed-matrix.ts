import { defineCommand } from '../../command/define-command.ts'
import { selectDatabases } from '../../config/config.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { readSeeds } from '../files/read-seeds.ts'
import { indexRows } from '../order-rows.ts'
import { type DatabaseSeeds, type SeedMatrixDocument, type SeedReference, type SeedRow, textOf } from '../seed.ts'

/** `wwdb seed matrix`: who may do what, according to the files, for people to review. */
export const command = defineCommand({
  name: 'seed matrix',
  group: 'Databases and projects',
  summary: 'print the permission matrix, for review',
  purpose:
    'Prints every matrix of the seed files, with display names: a line for each permission, a column for each ' +
    'role. Reads only the files; `wwdb seed plan` compares them with the databases.',
  examples: [
    { command: 'wwdb seed matrix', purpose: 'on the screen' },
    { command: 'wwdb seed matrix --as markdown > roles.md', purpose: 'for a document' },
    { command: 'wwdb seed matrix --json', purpose: 'for a program' },
  ],
  flags: {
    How: { as: { value: 'FORMAT', description: 'what to print', choices: ['table', 'markdown'], default: 'table' } },
  },
  exitCodes: exitCodesOf.project,
  interruption: 'at-once',
  writes: false,
  connects: false,
  async run({ as: layout }, context) {
    const config = await context.config()
    const chosen = new Set(selectDatabases(config, context.targets).map(({ name }) => name))
    const matrices = readSeeds(config)
      .filter(({ database }) => chosen.has(database))
      .flatMap(describeMatrices)
    return { result: { kind: 'seed-matrix', layout, matrices }, exitCode: exitCodes.done }
  },
})

/** The matrices of a database with the names that people see, from the files alone. Pure. */
function describeMatrices({ database, tables }: DatabaseSeeds): readonly SeedMatrixDocument[] {
  const find = indexRows(tables, () => true)
  const rowOf = (reference: SeedReference | undefined, name: string): SeedRow | undefined => {
    const position = reference === undefined ? null : find(reference, [name])
    return position === null ? undefined : tables[position.table]?.rows[position.row]
  }
  const read = (row: SeedRow | undefined, column: string | null | undefined): string | null => {
    const cell = column == null ? undefined : row?.cells.get(column)
    return cell === undefined ? null : textOf(cell.value)
  }
  return tables.flatMap(({ file, table, matrix, references }) => {
    if (matrix === null) return []
    const [down, across] = [matrix.down, matrix.across].map((field) => references.find((one) => one.field === field))
    return [
      {
        database,
        file,
        table,
        down: matrix.down,
        across: matrix.across,
        columns: matrix.columns.map(({ value }) => {
          const name = textOf(value) ?? ''
          return { name, label: read(rowOf(across, name), across?.label) }
        }),
        lines: matrix.lines.map(({ name: cell, marks }) => {
          const name = textOf(cell.value) ?? ''
          const row = rowOf(down, name)
          return { name, label: read(row, down?.label), group: read(row, matrix.group), marks }
        }),
      },
    ]
  })
}

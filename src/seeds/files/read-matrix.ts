import type { SeedCell, SeedMatrix, SeedReference, SeedRow } from '../seed.ts'
import { cellValue, describeNode, meant, type SeedEntry, type SeedNode, type TreeReader } from './tree-reader.ts'

const matrixKeys = ['down', 'across', 'columns', 'lines', 'group'] as const

/** What a matrix shares with rows that are listed individually. */
interface MatrixRules {
  readonly key: readonly string[]
  readonly references: readonly SeedReference[]
  readonly environments: readonly string[] | null
  readonly defaults: ReadonlyMap<string, SeedCell>
}

interface MatrixContent {
  readonly rows: readonly SeedRow[]
  readonly matrix: SeedMatrix | null
}

const nothing: MatrixContent = { rows: [], matrix: null }

/** A matrix of two references: each cell with an x is a row that has both. */
export function readMatrix(node: SeedNode, rules: MatrixRules, reader: TreeReader): MatrixContent {
  const fields = reader.fields(node, 'The matrix', matrixKeys)
  if (fields === null) return nothing
  const [down, across] = (['down', 'across'] as const).map((side) => {
    const entry = fields.get(side)
    if (entry === undefined)
      reader.fault(`The matrix has no "${side}", which names the reference of that side.`, node.place)
    const field = entry === undefined ? null : reader.word(entry.value, `"${side}"`)
    if (entry === undefined || field === null) return null
    return findReference(field, entry, rules, reader)
  })
  const [columns, lines] = [fields.get('columns'), fields.get('lines')]
  if (columns === undefined) reader.fault('The matrix has no `columns`.', node.place)
  if (lines === undefined) reader.fault('The matrix has no `lines`.', node.place)
  if (!down || !across || columns === undefined || lines === undefined) return nothing
  const group = fields.get('group')
  const matrix: SeedMatrix = {
    down: down.field,
    across: across.field,
    columns: (reader.list(columns.value, '`columns`') ?? []).map((item) => ({
      value: cellValue(item),
      place: item.place,
    })),
    lines: [],
    group: group === undefined ? null : reader.word(group.value, '`group`'),
  }
  return readLines(lines, matrix, rules, reader)
}

function findReference(
  field: string,
  entry: SeedEntry,
  { references, key }: MatrixRules,
  reader: TreeReader,
): SeedReference | null {
  const found = references.find((reference) => reference.field === field)
  const known = references.map((reference) => reference.field)
  if (found === undefined)
    reader.fault(`The matrix names an unknown reference "${field}".`, entry.value.place, meant(field, known))
  else if (!key.includes(field))
    reader.fault(`"${field}" must be part of the key: a cell is one row.`, entry.value.place)
  else if (found.key.length > 1)
    reader.fault(`"${field}" has a key of several columns, which a matrix does not support.`, entry.value.place)
  else return found
  return null
}

function readLines(entry: SeedEntry, matrix: SeedMatrix, rules: MatrixRules, reader: TreeReader): MatrixContent {
  if (entry.value.type !== 'map') {
    reader.fault(`"lines" must be a map of names and marks, but is ${describeNode(entry.value)}.`, entry.value.place)
    return nothing
  }
  const lines: SeedMatrix['lines'][number][] = []
  const rows: SeedRow[] = []
  for (const line of entry.value.entries) {
    const name: SeedCell = { value: { type: 'text', text: line.name }, place: line.place }
    const marks = readMarks(line, matrix.columns.length, reader)
    if (marks === null) continue
    lines.push({ name, marks: marks.map(({ marked }) => marked) })
    for (const [index, { marked, place }] of marks.entries()) {
      const column = matrix.columns[index]
      if (!marked || column === undefined) continue
      const references = new Map([
        [matrix.down, [{ value: name.value, place }]],
        [matrix.across, [{ value: column.value, place }]],
      ])
      rows.push({ place, cells: rules.defaults, references, environments: rules.environments })
    }
  }
  return { rows, matrix: { ...matrix, lines } }
}

function readMarks(line: SeedEntry, expected: number, reader: TreeReader) {
  const items = reader.list(line.value, `The line \`${line.name}\``)
  if (items === null) return null
  if (items.length !== expected) {
    reader.fault(
      `The line \`${line.name}\` has ${items.length} marks, but there are ${expected} columns.`,
      line.value.place,
      'Write x or . for each column.',
    )
    return null
  }
  return items.map((item) => {
    const text = item.type === 'scalar' && item.value.type === 'text' ? item.value.text : null
    if (text !== 'x' && text !== '.')
      reader.fault(`A mark must be x or ., but this is ${describeNode(item)}.`, item.place)
    return { marked: text === 'x', place: item.place }
  })
}

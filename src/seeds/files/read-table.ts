import type { SeedCell, SeedMatrix, SeedReference, SeedRow, SeedTable } from '../seed.ts'
import { readMatrix } from './read-matrix.ts'
import { cellValue, type Fields, meant, readReferences, type SeedNode, type TreeReader } from './tree-reader.ts'

const fileKeys = ['table', 'key', 'references', 'environments', 'changedByHand', 'defaults', 'rows', 'matrix'] as const

/** Keys of a row that are not columns begin with this. */
const environmentsKey = '$environments'

/** What all rows of a file share. */
export interface RowRules {
  readonly references: readonly SeedReference[]
  readonly environments: readonly string[] | null
  /** The environments to choose from; null where nothing defines them. */
  readonly knownEnvironments: readonly string[] | null
  readonly defaults: ReadonlyMap<string, SeedCell>
}

/**
 * The rows that a file has for its table. Null, with faults, where they cannot be read. A name of an unknown
 * environment is a fault: its rows would never be seeded.
 */
export function readTable(
  tree: SeedNode,
  file: string,
  knownEnvironments: readonly string[] | null,
  reader: TreeReader,
): SeedTable | null {
  const fields = reader.fields(tree, 'A seed file', fileKeys)
  if (fields === null) return null
  const named = readName(fields, tree, reader)
  const key = readKey(fields, tree, reader)
  if (named === null || key === null) return null
  const references = readReferences(fields.get('references'), reader)
  const policy = fields.get('changedByHand')
  const rules: RowRules = {
    references,
    environments: readEnvironments(fields.get('environments')?.value, knownEnvironments, reader),
    knownEnvironments,
    defaults: readCells(fields.get('defaults')?.value, '`defaults`', references, reader),
  }
  const { rows, matrix } = readContent(fields, tree, rules, key, reader)
  return {
    file,
    table: named.table,
    tablePlace: named.place,
    key,
    keyPlace: fields.get('key')?.value.place ?? tree.place,
    references,
    changedByHand: (policy && reader.choice(policy.value, '`changedByHand`', ['keep', 'overwrite'] as const)) ?? 'keep',
    rows,
    matrix,
  }
}

function readName(fields: Fields, tree: SeedNode, reader: TreeReader) {
  const entry = fields.get('table')
  if (entry === undefined) {
    reader.fault('The file does not name a table.', tree.place, 'Write `table: NAME` at its top.')
    return null
  }
  const table = reader.word(entry.value, '`table`')
  return table === null ? null : { table, place: entry.value.place }
}

function readKey(fields: Fields, tree: SeedNode, reader: TreeReader): readonly string[] | null {
  const entry = fields.get('key')
  if (entry !== undefined) return reader.words(entry.value, '`key`')
  reader.fault(
    'The file does not define the key of its rows.',
    tree.place,
    'Write `key: COLUMN`, or a list of columns and references.',
  )
  return null
}

function readEnvironments(
  node: SeedNode | undefined,
  known: readonly string[] | null,
  reader: TreeReader,
): readonly string[] | null {
  if (node === undefined) return null
  const names = reader.words(node, 'The list of environments')
  for (const name of names ?? []) {
    if (known === null || known.includes(name)) continue
    const next = known.length === 0 ? 'The configuration has no environments.' : meant(name, known)
    reader.fault(`The environment \`${name}\` does not exist, so this would never be seeded.`, node.place, next)
  }
  return names
}

export function readCells(
  node: SeedNode | undefined,
  what: string,
  references: readonly SeedReference[],
  reader: TreeReader,
): ReadonlyMap<string, SeedCell> {
  if (node === undefined) return new Map()
  if (node.type !== 'map') {
    reader.fault(`${what} must be a map of columns and values.`, node.place)
    return new Map()
  }
  const cells = new Map<string, SeedCell>()
  for (const { name, place, value } of node.entries) {
    if (references.some(({ field }) => field === name))
      reader.fault(`${what} cannot give the reference \`${name}\`.`, place, 'Give it with each row.')
    cells.set(name, { value: cellValue(value), place: value.place })
  }
  return cells
}

function readContent(
  fields: Fields,
  tree: SeedNode,
  rules: RowRules,
  key: readonly string[],
  reader: TreeReader,
): { readonly rows: readonly SeedRow[]; readonly matrix: SeedMatrix | null } {
  const [rows, matrix] = [fields.get('rows'), fields.get('matrix')]
  if (rows !== undefined && matrix !== undefined) {
    reader.fault('A file has rows or a matrix, not both.', matrix.place, 'Put one of them into a separate file.')
  } else if (matrix !== undefined) {
    return readMatrix(matrix.value, { ...rules, key }, reader)
  } else if (rows === undefined) {
    reader.fault('The file has neither rows nor a matrix.', tree.place, 'Write `rows:` and a list of rows.')
  } else {
    const nodes = reader.list(rows.value, '`rows`') ?? []
    return { rows: nodes.flatMap((node) => readRow(node, rules, key, reader)), matrix: null }
  }
  return { rows: [], matrix: null }
}

export function readRow(
  node: SeedNode,
  rules: RowRules,
  key: readonly string[],
  reader: TreeReader,
): readonly SeedRow[] {
  if (node.type !== 'map') {
    reader.fault('A row must be a map of columns and values.', node.place)
    return []
  }
  const cells = new Map<string, SeedCell>(rules.defaults)
  const references = new Map<string, readonly SeedCell[] | null>()
  let environments = rules.environments
  for (const { name, place, value } of node.entries) {
    const reference = rules.references.find(({ field }) => field === name)
    if (name === environmentsKey)
      environments = narrow(rules.environments, readEnvironments(value, rules.knownEnvironments, reader))
    else if (name.startsWith('$'))
      reader.fault(`A row has no key \`${name}\`.`, place, `The only special key is ${environmentsKey}.`)
    else if (reference !== undefined) references.set(name, readNamed(value, reference, reader))
    else cells.set(name, { value: cellValue(value), place: value.place })
  }
  reportMissingKey(node, key, cells, references, reader)
  reportDoubleColumns(node, rules.references, cells, references, reader)
  return [{ place: node.place, cells, references, environments }]
}

/** A row lies within what its file says for all rows. */
function narrow(file: readonly string[] | null, row: readonly string[] | null): readonly string[] | null {
  if (file === null || row === null) return file ?? row
  return row.filter((name) => file.includes(name))
}

/** One value for a key of one column; a map of columns for others. */
function readNamed(node: SeedNode, reference: SeedReference, reader: TreeReader): readonly SeedCell[] | null {
  const { key, field } = reference
  if (node.type === 'scalar' && node.value.type === 'null') return null
  if (key.length === 1 && node.type === 'scalar') return [{ value: cellValue(node), place: node.place }]
  const fields = key.length === 1 ? null : reader.fields(node, `The reference \`${field}\``, key)
  if (fields === null) {
    if (key.length === 1) reader.fault(`The reference \`${field}\` must be one value.`, node.place)
    return null
  }
  return key.flatMap((column) => {
    const entry = fields.get(column)
    if (entry !== undefined) return [{ value: cellValue(entry.value), place: entry.value.place }]
    reader.fault(`The reference \`${field}\` has no value for \`${column}\`.`, node.place)
    return []
  })
}

function reportMissingKey(
  node: SeedNode,
  key: readonly string[],
  cells: ReadonlyMap<string, SeedCell>,
  references: ReadonlyMap<string, readonly SeedCell[] | null>,
  reader: TreeReader,
): void {
  for (const part of key) {
    const given = references.has(part) ? references.get(part) : cells.get(part)
    if (given === undefined) reader.fault(`The row has no value for "${part}", which is part of its key.`, node.place)
    else if (given === null || (!Array.isArray(given) && 'value' in given && given.value.type === 'null'))
      reader.fault(`"${part}" is part of the key of the row and cannot be empty.`, node.place)
  }
}

function reportDoubleColumns(
  node: SeedNode,
  all: readonly SeedReference[],
  cells: ReadonlyMap<string, SeedCell>,
  references: ReadonlyMap<string, unknown>,
  reader: TreeReader,
): void {
  for (const { field, column } of all) {
    if (references.has(field) && cells.has(column))
      reader.fault(
        `The row gives both \`${column}\` and "${field}", which set the same column.`,
        node.place,
        'Remove one of them.',
      )
  }
}

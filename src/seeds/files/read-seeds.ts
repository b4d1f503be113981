import { type Fault, ToolError } from '../../core/tool-error.ts'
import { normalizeText } from '../../files/checksum.ts'
import { readTextFile, withExcerpts } from '../../files/text-file.ts'
import { isFault } from '../../migrations/files/migration-name.ts'
import { orderRows, type RowPosition } from '../order-rows.ts'
import {
  type AdministratorGrant,
  type AdministratorSeed,
  type DatabaseSeeds,
  type SeedPlace,
  type SeedRow,
  type SeedScript,
  type SeedTable,
  textOf,
} from '../seed.ts'
import { listSeeds, readModuleSeed, readSqlSeed, type SeedEntry, type SeedFolder } from './read-script.ts'
import { readCells, readRow, readTable } from './read-table.ts'
import type { SeedNode } from './tree-reader.ts'
import { type Fields, meant, readDocument, readReferences, TreeReader } from './tree-reader.ts'

/** The part of the configuration that determines the seeds. */
export interface SeedFolders {
  /** Absolute path of the project's folder: files are named relative to it. */
  readonly root: string
  readonly databases: readonly SeedFolder[]
  /** Names that a row's environments can have; null where any name is allowed. */
  readonly environments: readonly string[] | null
}

/** Far more than reference data ever has; more rows belong in a migration. */
const largestFile = 64 * 1024 * 1024

interface SeedFileReading {
  readonly table: SeedTable | null
  readonly script: SeedScript | null
  readonly administrator: AdministratorSeed | null
  readonly faults: readonly Fault[]
}

/** The seeds of all databases with their faults. */
interface SeedReading {
  readonly seeds: readonly DatabaseSeeds[]
  readonly faults: readonly Fault[]
  readonly files: number
}

/**
 * Reads and checks the seeds of every database; databases without seeds are left out. Throws ToolError `SEEDS_INVALID`
 * with every fault of every file.
 */
export function readSeeds(folders: SeedFolders, chosen?: ReadonlySet<string>): readonly DatabaseSeeds[] {
  const { seeds, faults } = inspectSeeds(folders, chosen)
  if (faults.length > 0) throw new ToolError('SEEDS_INVALID', faults)
  return seeds
}

/** Does the same without throwing: files that cannot be read are absent from the seeds. */
export function inspectSeeds(folders: SeedFolders, chosen?: ReadonlySet<string>): SeedReading {
  const names = folders.databases.map(({ name }) => name)
  const faults: Fault[] = []
  let files = 0
  const read = folders.databases.filter(({ name }) => chosen?.has(name) ?? true)
  const seeds = read.flatMap((folder) => {
    const listing = listSeeds(folder, folders.root)
    files += listing.entries.length
    const readings = listing.entries.map((entry) => readEntry(entry, names, folders.environments))
    const tables = readings.flatMap(({ table }) => (table === null ? [] : [table]))
    const scripts = readings.flatMap(({ script }) => (script === null ? [] : [script]))
    const administrators = readings.flatMap(({ administrator }) => (administrator === null ? [] : [administrator]))
    const own = [...listing.faults, ...readings.flatMap((reading) => reading.faults), ...findSecond(administrators)]
    // Rows that could not be read would be missing from the comparison.
    faults.push(...own, ...(own.length === 0 ? checkRows(tables) : []))
    return listing.entries.length === 0
      ? []
      : [{ database: folder.name, tables, scripts, administrator: administrators[0] ?? null }]
  })
  return { seeds, faults, files }
}

const nothing = { table: null, script: null, administrator: null } as const

function findSecond([first, second]: readonly AdministratorSeed[]): readonly Fault[] {
  if (first === undefined || second === undefined) return []
  return [
    {
      what: 'A second file defines the administrator.',
      where: second.tablePlace,
      why: `\`${first.file}\` does, too.`,
      next: 'Remove one of them.',
    },
  ]
}

function readEntry(
  entry: SeedEntry,
  databases: readonly string[],
  environments: SeedFolders['environments'],
): SeedFileReading {
  const read = readTextFile(entry.path, entry.file, largestFile)
  if (isFault(read)) return { ...nothing, faults: [read] }
  if (read.text === null) return { ...nothing, faults: [tooLarge(entry.file)] }
  const text = normalizeText(read.text)
  switch (entry.form) {
    case 'rows':
      return readRows(entry, text, environments)
    case 'sql':
      return { ...nothing, ...readSqlSeed(entry, text, databases) }
    case 'module':
      return { ...nothing, ...readModuleSeed(entry, text) }
  }
}

function readRows({ file }: SeedEntry, text: string, environments: SeedFolders['environments']): SeedFileReading {
  const document = readDocument(text, file)
  if (document.type === 'faults') return { ...nothing, faults: withExcerpts(document.faults, text) }
  const reader = new TreeReader()
  const isAdministrator = describesAdministrator(document.node)
  const table = isAdministrator ? null : readTable(document.node, file, environments, reader)
  const administrator = isAdministrator ? readAdministrator(document.node, file, reader) : null
  return { ...nothing, table, administrator, faults: withExcerpts(reader.faults, text) }
}

function tooLarge(file: string): Fault {
  return { what: 'The file is larger than 64 MiB.', where: { file }, next: 'Load that many rows with a migration.' }
}

const fileKeys = ['administrator'] as const
const keys = ['table', 'username', 'passwordHash', 'salt', 'values', 'unless', 'grants'] as const
const grantKeys = ['table', 'user', 'id', 'references', 'row'] as const

/** True for a file that says how the administrator is created, and seeds no rows itself. */
function describesAdministrator(tree: SeedNode): boolean {
  return tree.type === 'map' && tree.entries.some(({ name }) => name === 'administrator')
}

/** How the first administrator is created. Null, with faults, where that is unknown. */
function readAdministrator(tree: SeedNode, file: string, reader: TreeReader): AdministratorSeed | null {
  const node = reader.fields(tree, 'A seed file with an administrator', fileKeys)?.get('administrator')?.value
  const fields = node === undefined ? null : reader.fields(node, '`administrator`', keys)
  if (node === undefined || fields === null) return null
  const table = need(fields, 'table', node, reader)
  const [username, passwordHash, salt] = (['username', 'passwordHash', 'salt'] as const).map(
    (name) => need(fields, name, node, reader) ?? '',
  )
  const unless = fields.get('unless')
  if (unless === undefined)
    reader.fault(
      '`administrator` does not define how to recognize an existing one.',
      node.place,
      'Write `unless:` and the values that an administrator has, such as { is_super_admin: true }.',
    )
  const grants = fields.get('grants')
  return {
    file,
    table: table ?? '',
    tablePlace: fields.get('table')?.value.place ?? node.place,
    username: username ?? '',
    passwordHash: passwordHash ?? '',
    salt: salt ?? '',
    values: readCells(fields.get('values')?.value, '`values`', [], reader),
    unless: readCells(unless?.value, '`unless`', [], reader),
    grants: (grants === undefined ? [] : (reader.list(grants.value, '`grants`') ?? [])).flatMap((one) =>
      readGrant(one, reader),
    ),
  }
}

function need(fields: Fields, name: string, at: SeedNode, reader: TreeReader): string | null {
  const entry = fields.get(name)
  if (entry !== undefined) return reader.word(entry.value, `"${name}"`)
  reader.fault(`"administrator" has no \`${name}\`.`, at.place, `Write \`${name}: NAME\`.`)
  return null
}

function readGrant(node: SeedNode, reader: TreeReader): readonly AdministratorGrant[] {
  const fields = reader.fields(node, 'A grant', grantKeys)
  if (fields === null) return []
  const [table, user] = (['table', 'user'] as const).map((name) => need(fields, name, node, reader))
  const references = readReferences(fields.get('references'), reader)
  const rules = { references, environments: null, knownEnvironments: null, defaults: new Map() }
  const given = fields.get('row')?.value
  const row = given === undefined ? undefined : readRow(given, rules, [], reader)[0]
  if (given === undefined) reader.fault('A grant has no `row`.', node.place, 'Write `row: { role: NAME }`.')
  if (table == null || user == null || row === undefined) return []
  const id = fields.get('id')
  return [
    {
      table,
      tablePlace: node.place,
      references,
      user,
      id: (id && reader.word(id.value, '`id`')) ?? 'id',
      row,
    },
  ]
}

const placeText = ({ file, line }: SeedPlace): string => `${file}:${line}`

/** Faults of the tables of one database, taken together: duplicate rows, cycles, unknown keys. */
function checkRows(tables: readonly SeedTable[]): readonly Fault[] {
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
        what: `The key names the column \`${part}\`, which the reference \`${reference.field}\` fills.`,
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
          what: `\`${table.table}\` has two rows with ${said.join(', ')}.`,
          where: row.place,
          why: `The other one is in ${placeText(other.place)}.`,
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
          ? 'The row references itself, so it cannot be inserted first.'
          : `${rows.length} rows reference each other in a circle: none can be inserted first.`,
      ...(where === undefined ? {} : { where }),
      why: `${places.join(' refers to ')}${rows.length === 1 ? '' : `, which refers to ${places[0]}`}.`,
      next: 'Leave the reference of one of them empty, and fill it with a seed in SQL.',
    },
  ]
}

function rowAt(tables: readonly SeedTable[], { table, row }: RowPosition): SeedRow | undefined {
  return tables[table]?.rows[row]
}

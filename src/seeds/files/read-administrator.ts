import type { AdministratorGrant, AdministratorSeed } from '../seed.ts'
import { readReferences } from './read-references.ts'
import { readCells, readRow } from './read-table.ts'
import type { SeedNode } from './seed-node.ts'
import type { Fields, TreeReader } from './tree-reader.ts'

const fileKeys = ['administrator'] as const
const keys = ['table', 'username', 'passwordHash', 'salt', 'values', 'unless', 'grants'] as const
const grantKeys = ['table', 'user', 'id', 'references', 'row'] as const

/** True for a file that says how the administrator is made, and seeds no rows by itself. */
export function describesAdministrator(tree: SeedNode): boolean {
  return tree.type === 'map' && tree.entries.some(({ name }) => name === 'administrator')
}

/** How the first administrator is made. Null, with faults, where it cannot be told. */
export function readAdministrator(tree: SeedNode, file: string, reader: TreeReader): AdministratorSeed | null {
  const node = reader.fields(tree, 'A seed file with an administrator', fileKeys)?.get('administrator')?.value
  const fields = node === undefined ? null : reader.fields(node, '"administrator"', keys)
  if (node === undefined || fields === null) return null
  const table = need(fields, 'table', node, reader)
  const [username, passwordHash, salt] = (['username', 'passwordHash', 'salt'] as const).map(
    (name) => need(fields, name, node, reader) ?? '',
  )
  const unless = fields.get('unless')
  if (unless === undefined)
    reader.fault(
      '"administrator" does not say when there is one already.',
      node.place,
      'Write "unless:" and the values that an administrator has, such as { is_super_admin: true }.',
    )
  const grants = fields.get('grants')
  return {
    file,
    table: table ?? '',
    tablePlace: fields.get('table')?.value.place ?? node.place,
    username: username ?? '',
    passwordHash: passwordHash ?? '',
    salt: salt ?? '',
    values: readCells(fields.get('values')?.value, '"values"', [], reader),
    unless: readCells(unless?.value, '"unless"', [], reader),
    grants: (grants === undefined ? [] : (reader.list(grants.value, '"grants"') ?? [])).flatMap((one) =>
      readGrant(one, reader),
    ),
  }
}

function need(fields: Fields, name: string, at: SeedNode, reader: TreeReader): string | null {
  const entry = fields.get(name)
  if (entry !== undefined) return reader.word(entry.value, `"${name}"`)
  reader.fault(`"administrator" does not say "${name}".`, at.place, `Write "${name}: NAME".`)
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
  if (given === undefined) reader.fault('A grant has no "row".', node.place, 'Write "row: { role: NAME }".')
  if (table == null || user == null || row === undefined) return []
  const id = fields.get('id')
  return [
    {
      table,
      tablePlace: node.place,
      references,
      user,
      id: (id && reader.word(id.value, '"id"')) ?? 'id',
      row,
    },
  ]
}

import { ToolError } from '../core/tool-error.ts'
import { unknownColumn } from './check-shapes.ts'
import type { PasswordHash } from './hash-password.ts'
import type { SeedTarget } from './request.ts'
import type { AdministratorGrant, AdministratorSeed, SeedCell, SeedRow, SeedTable } from './seed.ts'
import type { SeedTargetPlan } from './seed-plan.ts'

/** Who is to be made. */
export interface Administrator {
  readonly username: string
  readonly password: PasswordHash
  /** Values that were given instead of the file's, by column. */
  readonly values: ReadonlyMap<string, string>
}

/** How a grant's rows call the user they are for. */
const userField = '$user'

/** The administrator's rows as seeds: the user, then what is granted. */
export function toSeeds(seed: AdministratorSeed, who: Administrator): readonly SeedTable[] {
  return [userTable(seed, who), ...seed.grants.map((grant) => grantTable(seed, grant, who))]
}

function userTable(seed: AdministratorSeed, { username, password, values }: Administrator): SeedTable {
  const place = seed.tablePlace
  const cell = (text: string): SeedCell => ({ value: { type: 'text', text }, place })
  const cells = new Map<string, SeedCell>([
    [seed.username, cell(username)],
    ...[...seed.values].map(([column, one]) => [column, fillIn(one, username)] as const),
    ...[...values].map(([column, text]) => [column, cell(text)] as const),
    [seed.passwordHash, cell(password.hash)],
    [seed.salt, cell(password.salt)],
  ])
  const row: SeedRow = { place, cells, references: new Map(), environments: null }
  return { ...plainTable(seed.file, seed), table: seed.table, key: [seed.username], references: [], rows: [row] }
}

function fillIn(cell: SeedCell, username: string): SeedCell {
  const { value, place } = cell
  if (value.type !== 'text') return cell
  return { value: { type: 'text', text: value.text.replaceAll('{username}', username) }, place }
}

function grantTable(seed: AdministratorSeed, grant: AdministratorGrant, { username }: Administrator): SeedTable {
  const { table, user, id, references, row, tablePlace } = grant
  const named: SeedCell = { value: { type: 'text', text: username }, place: row.place }
  const own = { field: userField, column: user, table: seed.table, key: [seed.username], value: id }
  return {
    ...plainTable(seed.file, grant),
    table,
    key: [userField, ...row.references.keys()],
    references: [{ ...own, label: null, place: tablePlace }, ...references],
    rows: [{ ...row, references: new Map([[userField, [named]], ...row.references]) }],
  }
}

function plainTable(file: string, { tablePlace }: Pick<SeedTable, 'tablePlace'>) {
  return { file, tablePlace, keyPlace: tablePlace, changedByHand: 'keep', matrix: null } as const
}

/** Throws ToolError `ADMINISTRATOR_EXISTS` where the user, or any administrator, is there already. */
export async function refuseSecond(
  seed: AdministratorSeed,
  username: string,
  { store, tables, target }: SeedTarget,
  plan: SeedTargetPlan,
): Promise<void> {
  const shape = tables.find((table) => table.seed.table === seed.table)?.staged.shape
  if (shape === undefined) throw new Error('the table of users was not staged')
  const unknown = [...seed.unless].filter(([column]) => !shape.columns.some(({ name }) => name === column))
  if (unknown.length > 0)
    throw new ToolError(
      'SEEDS_INVALID',
      unknown.map(([column, { place }]) => unknownColumn(column, seed.table, shape, place)),
    )
  const { database, server } = target.session.target
  const refuse = (what: string): ToolError =>
    new ToolError('ADMINISTRATOR_EXISTS', {
      what,
      where: { database, server },
      why: '`wwdb seed admin` makes the first one only, so that nobody can use it to get in beside him.',
      next: 'Nothing was changed. Let the administrator make further users, in the application.',
    })
  const isNew = plan.rows.some(({ table, action }) => table === seed.table && action === 'insert')
  if (!isNew) throw refuse(`There is a user ${username} already.`)
  const wanted = new Map([...seed.unless].map(([column, { value }]) => [column, value]))
  if (await store.hasRow(seed.table, shape, wanted)) throw refuse('There is an administrator already.')
}

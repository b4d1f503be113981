import { randomBytes, type ScryptOptions, scrypt } from 'node:crypto'
import { ToolError } from '../core/tool-error.ts'
import type { SeedTarget } from './ports.ts'
import type { AdministratorGrant, AdministratorSeed, SeedCell, SeedRow, SeedTable, SeedTargetPlan } from './seed.ts'
import { unknownColumn } from './stage-target.ts'

/** The user to be created. */
export interface Administrator {
  readonly username: string
  readonly password: PasswordHash
  /** Values that were given instead of the file's, by column. */
  readonly values: ReadonlyMap<string, string>
}

/** The name by which a grant's rows reference their user. */
const userField = '$user'

/** The administrator's rows as seeds: the user, then the grants. */
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

/** Throws ToolError `ADMINISTRATOR_EXISTS` where the user, or any administrator, already exists. */
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
      why: '`wwdb seed admin` creates only the first administrator, so that it cannot be used to gain access later.',
      next: 'Nothing was changed. The administrator can create more users in the application.',
    })
  const isNew = plan.rows.some(({ table, action }) => table === seed.table && action === 'insert')
  if (!isNew) throw refuse(`The user ${username} already exists.`)
  const wanted = new Map([...seed.unless].map(([column, { value }]) => [column, value]))
  if (await store.hasRow(seed.table, shape, wanted)) throw refuse('An administrator already exists.')
}

/** The stored form of a password. */
interface PasswordHash {
  /** PHC string format, 131 characters: `$scrypt$ln=17,r=8,p=1$<salt>$<hash>`, base64 without padding. */
  readonly hash: string
  /** Only the salt, as it is in the hash: 22 characters. */
  readonly salt: string
}

/** N = 2^17, r = 8, p = 1, as OWASP's Password Storage Cheat Sheet recommends: 128 MiB and some tenths of a second. */
const logarithm = 17
const blockSize = 8
const parallelism = 1
const saltBytes = 16
const hashBytes = 64

function derive(password: string, salt: Buffer, options: ScryptOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // The same password typed on another system may arrive in another Unicode normalization form.
    scrypt(password.normalize('NFKC'), salt, hashBytes, options, (error, key) => (error ? reject(error) : resolve(key)))
  })
}

const encode = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '')

/** Hashes a password with a new salt. */
export async function hashPassword(password: string): Promise<PasswordHash> {
  const bytes = randomBytes(saltBytes)
  const cost = 2 ** logarithm
  const key = await derive(password, bytes, {
    N: cost,
    r: blockSize,
    p: parallelism,
    maxmem: 2 * 128 * cost * blockSize,
  })
  const salt = encode(bytes)
  return { hash: `$scrypt$ln=${logarithm},r=${blockSize},p=${parallelism}$${salt}$${encode(key)}`, salt }
}

/** What everybody tries first; digits that stand for letters are converted to letters before. */
const known = [
  'administrator',
  'superadmin',
  'password',
  'passwort',
  'changeme',
  'iloveyou',
  'welcome',
  'letmein',
  'default',
  'monkey',
  'dragon',
  'master',
  'secret',
  'wework',
  'qwerty',
  'admin',
  'login',
  'guest',
  'mima',
  'root',
  'test',
  'user',
] as const
const rows = ['abcdefghijklmnopqrstuvwxyz', '01234567890', 'qwertyuiop', 'asdfghjkl', 'zxcvbnm', '!@#$%^&*()'] as const

const shortest = 12
/** From this length on, the kinds of characters do not matter. */
const long = 20
const fewestDifferent = 6
/** Characters that must remain when all common words and sequences are removed. */
const fewestOwn = 6
const most = 1024

/**
 * Why this password is too weak for a platform; empty for an acceptable one. Reveals nothing of the password itself.
 */
export function judgePassword(password: string, username: string): readonly string[] {
  const characters = [...password]
  const reasons: string[] = []
  if (characters.length < shortest) reasons.push(`it has fewer than ${shortest} characters`)
  if (characters.length > most) reasons.push(`it has more than ${most} characters`)
  if (/\p{Cc}/u.test(password)) reasons.push('it contains a control character')
  if (new Set(characters).size < fewestDifferent)
    reasons.push(`it has fewer than ${fewestDifferent} different characters`)
  if (characters.length < long && countKinds(password) < 3)
    reasons.push(
      `below ${long} characters it needs three of: upper-case letters, lower-case letters, digits, other characters`,
    )
  if (holdsName(password, username)) reasons.push('it contains the user name')
  else if ([...withoutKnown(password)].length < fewestOwn)
    reasons.push('it consists of common words and sequences, which attackers try first')
  return reasons
}

function countKinds(password: string): number {
  return [/\p{Lu}/u, /\p{Ll}/u, /\p{Nd}/u, /[^\p{Lu}\p{Ll}\p{Nd}]/u].filter((kind) => kind.test(password)).length
}

function holdsName(password: string, username: string): boolean {
  const [text, name] = [password.toLowerCase(), username.toLowerCase()]
  return name.length >= 3 && (text.includes(name) || text.includes([...name].reverse().join('')))
}

const readAs: Readonly<Record<string, string>> = { 0: 'o', 1: 'i', 3: 'e', 4: 'a', 5: 's', 7: 't', '@': 'a', $: 's' }

function withoutKnown(password: string): string {
  const plain = withoutRuns(password.toLowerCase())
  const read = plain.replace(/[013457@$]/g, (sign) => readAs[sign] ?? sign)
  return known.reduce((text, word) => text.replaceAll(word, ''), read)
}

/** Removes `1234`, `qwert`, `zyx` and `aaaa`: three or more in a row, forward, backward or repeated. */
function withoutRuns(text: string): string {
  const lines = rows.flatMap((row) => [row, [...row].reverse().join('')])
  let left = text.replace(/(.)\1{2,}/gu, '')
  for (let at = 0; at + 3 <= left.length; ) {
    let length = 0
    for (const line of lines)
      while (at + length < left.length && length < line.length && line.includes(left.slice(at, at + length + 1)))
        length += 1
    if (length >= 3) left = left.slice(0, at) + left.slice(at + length)
    else at += 1
  }
  return left
}

import type { Fault } from '../../core/tool-error.ts'
import type { OldFile } from './contract.ts'

/** How tools name servers in files and folders, and the family that each name stands for. */
const families: Readonly<Record<string, readonly string[]>> = {
  mysql: ['mysql', 'mysql5', 'mysql8', 'mysql57', 'mysql80', 'mysqldb'],
  mariadb: ['mariadb'],
  tidb: ['tidb'],
  postgres: ['postgres', 'postgresql', 'pgsql', 'pg'],
  cockroach: ['cockroach', 'cockroachdb', 'crdb'],
  sqlite: ['sqlite', 'sqlite3'],
  sqlserver: ['mssql', 'sqlserver'],
  oracle: ['oracle'],
  h2: ['h2'],
  hsqldb: ['hsqldb'],
  derby: ['derby'],
  db2: ['db2'],
  clickhouse: ['clickhouse'],
  spanner: ['spanner'],
  yugabyte: ['yugabyte', 'yugabytedb'],
  dameng: ['dameng', 'dm8'],
  kingbase: ['kingbase', 'kingbasees'],
  opengauss: ['opengauss', 'gaussdb'],
}

/** The values of `--dialect`. */
export const dialectNames: readonly string[] = Object.keys(families)

const familyOf = new Map(Object.entries(families).flatMap(([family, names]) => names.map((name) => [name, family])))

/** Files for one server, from a folder that has migrations for several. */
export interface ChosenFiles {
  readonly files: readonly OldFile[]
  readonly notes: readonly string[]
  readonly faults: readonly Fault[]
}

/**
 * Leaves out files for other servers: `x.postgres.up.sql`, `x.up.sqlite3.sql`, `postgresql/x.sql` beside `mysql/x.sql`. A file without a server is for every server that has no file of its own. Pure. @param dialect the caller's choice; null where the names decide, and MySQL is meant
 */
export function chooseDialect(files: readonly OldFile[], dialect: string | null): ChosenFiles {
  const parents = folderDialects(files)
  const read = files.map((file) => ({ file, ...readDialect(file.path, parents) }))
  const found = new Set(read.flatMap(({ family }) => family ?? []))
  const wanted = dialect ?? 'mysql'
  if (dialect !== null && !found.has(dialect)) return { files, notes: [], faults: [unknownDialect(dialect, found)] }
  const others = [...found].filter((one) => one !== wanted).toSorted()
  if (found.size === 0 || (others.length > 0 && !found.has(wanted) && !read.some(({ family }) => family === null)))
    return { files: found.size === 0 ? files : [], notes: [], faults: found.size === 0 ? [] : [noFiles(others)] }
  const own = new Set(read.filter(({ family }) => family === wanted).map(({ plain }) => plain))
  const chosen = read.filter(({ family, plain }) => family === wanted || (family === null && !own.has(plain)))
  const left = read.filter(({ family }) => family !== null && family !== wanted).length
  const replaced = files.length - left - chosen.length
  return { files: chosen.map(({ file }) => file), notes: describe(wanted, others, left, replaced), faults: [] }
}

/** Folders that have a folder for MySQL and one for another server: `upgrade/1.0/mysql` and `upgrade/1.0/postgresql`. */
function folderDialects(files: readonly OldFile[]): ReadonlySet<string> {
  const families = new Map<string, Set<string>>()
  for (const { path } of files) {
    const folders = path.split('/').slice(0, -1)
    for (const [index, folder] of folders.entries()) {
      const family = familyOf.get(folder.toLowerCase())
      const parent = folders.slice(0, index).join('/')
      if (family !== undefined) families.set(parent, (families.get(parent) ?? new Set()).add(family))
    }
  }
  return new Set([...families].filter(([, found]) => found.size > 1).map(([parent]) => parent))
}

/** The server that a path names, and the path without it. */
function readDialect(
  path: string,
  parents: ReadonlySet<string>,
): { readonly family: string | null; readonly plain: string } {
  const parts = path.split('/')
  const name = parts.at(-1) ?? ''
  const words = name.split('.')
  const at = words.findIndex((word, index) => index > 0 && index < words.length - 1 && familyOf.has(word))
  if (at > 0) {
    // Whether a statement runs in a transaction is a keyword of pop: it is the same migration.
    const plain = words.filter((word, index) => index !== at && word !== 'autocommit').join('.')
    return { family: familyOf.get(words[at] ?? '') ?? null, plain: [...parts.slice(0, -1), plain].join('/') }
  }
  const folderAt = parts
    .slice(0, -1)
    .findIndex((part, index) => familyOf.has(part.toLowerCase()) && parents.has(parts.slice(0, index).join('/')))
  const plain = parts.with(-1, words.filter((word, index) => index === 0 || word !== 'autocommit').join('.'))
  if (folderAt < 0) return { family: null, plain: plain.join('/') }
  return {
    family: familyOf.get((parts[folderAt] ?? '').toLowerCase()) ?? null,
    plain: plain.toSpliced(folderAt, 1).join('/'),
  }
}

/** `a.mysql` of `1_a.mysql.up.sql` is `a`. */
export function withoutDialect(name: string): string {
  return name
    .split('.')
    .filter((word, index) => index === 0 || (!familyOf.has(word) && word !== 'autocommit'))
    .join('.')
}

function unknownDialect(dialect: string, found: ReadonlySet<string>): Fault {
  const names = [...found].toSorted()
  return {
    what: `No file name contains the dialect \`${dialect}\` of \`--dialect\`.`,
    why:
      names.length === 0
        ? 'The file names contain no dialect at all.'
        : `The dialects in the file names are \`${names.join('`, `')}\`.`,
    next: names.length === 0 ? 'Leave `--dialect` out.' : 'Give one of these to `--dialect`.',
  }
}

function noFiles(others: readonly string[]): Fault {
  return {
    what: `All files are for other dialects: ${others.map((one) => `\`${one}\``).join(', ')}.`,
    why: 'According to their names, none is for MySQL.',
    next: 'Give the folder for MySQL with `--files`, or one of these with `--dialect` if its SQL is compatible with MySQL.',
  }
}

function describe(wanted: string, others: readonly string[], left: number, replaced: number): readonly string[] {
  if (left === 0) return []
  const instead = replaced === 0 ? '' : ` ${replaced} files for all dialects are replaced by one for \`${wanted}\`.`
  return [
    `The files for \`${wanted}\` are used: ${left} files for ${others.map((one) => `\`${one}\``).join(', ')} are skipped (choose another with \`--dialect\`).${instead}`,
  ]
}

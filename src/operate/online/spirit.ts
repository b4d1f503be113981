import { createHash } from 'node:crypto'
import type { ServerConfig } from '../../config/config.ts'
import { readColumnDefinition } from '../../ddl/read-alterations.ts'
import { kindOf } from '../../ddl/read-parts.ts'
import { type Clause, findWords, hasWords, isMark, isWord, readAlterations } from '../../sql/clauses.ts'
import { quoteName } from '../../sql/quote-name.ts'
import { tokenize } from '../../sql/tokens.ts'
import type { CopyTool, ToolObjection } from './copy-tool.ts'

/** While this table is there, spirit does not swap the tables. It has one name for all tables of a schema. */
export const spiritSentinel = '_spirit_sentinel'

/** The end of the name of the table in which it keeps its checkpoints, as long as it changes a table. */
const checkpoint = '_chkpnt'

/** Whether a table is such a one, be it that of a spirit which changes several tables. */
export const isSpiritCheckpoint = (name: string): boolean => name.endsWith(checkpoint) || name === '_spirit_checkpoint'

/** What spirit puts behind the name of the table as it was, besides an underscore before it: its start, `_old_20261129_120000`. */
const longestAffix = '__old_20261129_120000'.length
const longestName = 64

const byTriggers = 'Write `-- wwdb:online tool=pt-osc`, which can.'
const byEither = 'Write `-- wwdb:online tool=pt-osc` or `tool=gh-ost`, which can.'

/** spirit, which reads the binary log and has no triggers. Its flags have been such since 0.16.0. */
export const spirit: CopyTool = {
  program: 'spirit',
  oldest: '0.16.0',
  source: 'built with Go from github.com/block/spirit',
  readVersion: (output) => /^spirit v?(\d+\.\d+\.\d+)(?:\s|$)/m.exec(output)?.[1] ?? null,
  namesOf: (_, table) => ({
    copy: `_${table}_new`,
    old: `_${table}_old_`,
    logs: [`_${table}${checkpoint}`, spiritSentinel],
    triggers: [],
  }),
  keepsDefinition: true,
  bringsWritesEach: 30_000,
  objectTo: ({ table, change, connection, isGoverned }): readonly ToolObjection[] => {
    const { tls, password, user } = connection
    const name = table.name
    const all: readonly (readonly [boolean, string, string])[] = [
      ...change.uniques.map(
        (unique) =>
          [
            true,
            `Rows may become equal in the unique key \`${unique.name}\`, and spirit swaps the tables itself, so that wwdb cannot count the rows under the lock.`,
            'Write `-- wwdb:online tool=pt-osc`: for that tool, wwdb counts and swaps.',
          ] as const,
      ),
      [
        !table.indexes.some((index) => kindOf(index) === 'PRIMARY'),
        'spirit finds the rows of the copy by the primary key, and there is none.',
        byEither,
      ],
      [
        Buffer.byteLength(name) + longestAffix > longestName,
        `spirit cuts names of more than ${longestName - longestAffix} bytes for its own tables, so that they may be those of another table.`,
        'Write `-- wwdb:online tool=pt-osc`, which tells them apart.',
      ],
      [
        isGoverned,
        'spirit cannot be paused, so that the bounds of `throttle` would not hold while it copies.',
        'Write `-- wwdb:online tool=pt-osc` or `tool=gh-ost`, whose copies are paused.',
      ],
      [tls?.cert != null || tls?.key != null, 'spirit has no client certificate to connect with.', byEither],
      [
        tls?.verify === true && tls.ca === null,
        'spirit knows none of the certificate authorities of the machine.',
        'Write the file of the authority as `tls.ca`.',
      ],
      [
        [user, password?.reveal() ?? ''].some((text) => /[\r\n]|%\([^)]+\)s/.test(text)),
        'The file from which spirit reads user and password would have another value than they are.',
        byTriggers,
      ],
    ]
    return all.flatMap(([applies, why, next]) => (applies ? [{ why, next }] : []))
  },
}

/** The named lock that spirit holds as long as it changes a table. */
export function spiritLock(schema: string, table: string): string {
  const cut = (text: string, bytes: number): string => Buffer.from(text).subarray(0, bytes).toString()
  const key = cut(table, longestName - `_${checkpoint}`.length)
  const digest = createHash('sha1').update(`${schema}${key}`).digest('hex').slice(0, 8)
  return `${cut(schema, 20)}.${cut(key, 32)}-${digest}`
}

/**
 * Whether spirit would have the server make the change in place, whatever the size of the table: it takes such a change for one of the dictionary. wwdb asks the server
 * for it before, so that its journal knows of it.
 */
export function isChangedInPlace(text: string): boolean {
  const clauses = readAlterations(tokenize(text))
  return clauses.length > 0 && clauses.every(isOfDictionary)
}

const varying = ['VARCHAR', 'VARBINARY', 'NVARCHAR', 'VARCHARACTER', 'VARYING']

function isOfDictionary(clause: Clause): boolean {
  if (isWord(clause[0], 'RENAME', 'DROP') && isWord(clause[1], 'INDEX', 'KEY')) return true
  if (hasWords(clause, 0, 'ALTER', 'INDEX')) return true
  if (isWord(clause[0], 'COMMENT')) return clause.length === (isMark(clause[1], '=') ? 3 : 2)
  const change = readColumnDefinition(clause)
  if (change === null) return false
  const { definition } = change
  const isVarying = definition.slice(0, 3).some((token) => isWord(token, ...varying))
  return isVarying && ['FIRST', 'AFTER'].every((word) => findWords(definition, word) < 0) && !isRequired(definition)
}

const isRequired = (definition: Clause): boolean => findWords(definition, 'NOT', 'NULL') >= 0

export interface SpiritRun {
  readonly schema: string
  readonly table: string
  /** What stands behind the name of the table in the ALTER TABLE. */
  readonly changes: string
  /** A folder that only this account may read. */
  readonly folder: string
}

const files = { conf: 'spirit.conf', ca: 'ca.pem' } as const

/** Files that only this account may read, by their names. Between backquotes a value is taken as it is, also where it has some itself. */
export function spiritConfiguration({ user, password, tls }: ServerConfig): ReadonlyMap<string, string> {
  const conf = `[client]\nuser = \`${user}\`\npassword = \`${password?.reveal() ?? ''}\`\n`
  const ca = tls?.ca ?? null
  return new Map([[files.conf, conf], ...(ca === null ? [] : [[files.ca, ca] as const])])
}

/** Others wait for so long, at most, where spirit waits for the lock of the table; shortly before, it ends the sessions that hold it. */
const lockWait = '5s'

/** The command line. The tables are swapped only once wwdb drops the sentinel, by spirit itself, and the table as it was stays. */
export function spiritArguments(
  { schema, table, changes, folder }: SpiritRun,
  server: ServerConfig,
): readonly string[] {
  const { host, port, tls } = server
  return [
    'migrate',
    `--conf=${folder}/${files.conf}`,
    `--host=${host.includes(':') ? `[${host}]` : host}:${port}`,
    `--database=${schema}`,
    `--statement=ALTER TABLE ${quoteName(table)} ${changes}`,
    '--threads=2',
    '--write-threads=2',
    `--lock-wait-timeout=${lockWait}`,
    '--defer-cutover',
    '--skip-drop-after-cutover',
    `--tls-mode=${tlsMode(server)}`,
    ...(tls?.ca ? [`--tls-ca=${folder}/${files.ca}`] : []),
  ]
}

function tlsMode({ encryption, tls }: ServerConfig): string {
  if (tls?.verify === true) return 'VERIFY_IDENTITY'
  if (encryption === 'required' || tls !== null) return 'REQUIRED'
  return encryption === 'disabled' ? 'DISABLED' : 'PREFERRED'
}

/** The line by which it says that its copy is complete and waits for the sentinel to be dropped. */
export const isWaitingForSentinel = (line: string): boolean =>
  line.includes('cutover deferred while sentinel table exists')

/** `  copier   12.50%  1000/8000  chunk-size=...`: how far it is; null for any other line. */
export function readSpiritProgress(line: string): { readonly rows: number; readonly of: number } | null {
  const [, rows, of] = /^\s+copier\s+\d+\.\d+%\s+(\d+)\/(\d+)\s/.exec(line) ?? []
  return rows === undefined || of === undefined ? null : { rows: Number(rows), of: Number(of) }
}

import { createHash } from 'node:crypto'
import type { ServerConfig } from '../../config/config.ts'
import type { CopyTool, ToolObjection } from './copy-tool.ts'

/** What stands in the name of each of its tables besides that of the table. */
const affixes = '__gho'.length
const longestName = 64

/** gh-ost, which reads the binary log and has no triggers. Versions before 1.1.10 take no lock of their own: two of them may change one table. */
export const ghOst: CopyTool = {
  program: 'gh-ost',
  oldest: '1.1.10',
  source: 'its releases on GitHub have a program for Linux and macOS',
  readVersion: (output) => /^v?(\d+\.\d+\.\d+)(?:\s|$)/m.exec(output)?.[1] ?? null,
  namesOf: (_, table) => ({
    copy: `_${table}_gho`,
    old: `_${table}_del`,
    logs: [`_${table}_ghc`, `_${table}_ghk`],
    triggers: [],
  }),
  keepsDefinition: false,
  bringsWritesEach: null,
  objectTo: ({ table, change }): readonly ToolObjection[] => [
    ...change.uniques.map(({ name }) => ({
      why: `Rows may become equal in the unique key \`${name}\`: gh-ost drops all but one of them, and swaps the tables itself, so that wwdb cannot count the rows under the lock.`,
      next: 'Write `-- wwdb:online tool=pt-osc`: for that tool, wwdb counts and swaps.',
    })),
    ...(Buffer.byteLength(table.name) + affixes > longestName
      ? [
          {
            why: `gh-ost cuts names of more than ${longestName - affixes} bytes for its own tables, so that they may be those of another table.`,
            next: 'Write `-- wwdb:online tool=pt-osc`, which tells them apart.',
          },
        ]
      : []),
  ],
}

/** The comment of the table that stands where the old one is to go while a cut-over is under way. */
export const sentryComment = 'ghost-cut-over-sentry'

/** The named lock that gh-ost holds as long as it changes a table. */
export function ghOstLock(schema: string, table: string): string {
  const name = `gh-ost::${schema}.${table}`
  return Buffer.byteLength(name) <= longestName ? name : `gh-ost::${createHash('sha1').update(name).digest('hex')}`
}

/** What its changelog has as its state, once the copy is complete and waits for its cut-over. */
export const postponing = 'postponing cut-over'

export interface GhOstRun {
  readonly schema: string
  readonly table: string
  /** What stands behind the name of the table in the ALTER TABLE. */
  readonly changes: string
  /** A folder that only this account may read. */
  readonly folder: string
  readonly token: number
  readonly renames: boolean
  /** Milliseconds in which its cut-over is let try. */
  readonly budget: number
}

/** Files in the private folder: that which postpones the cut-over while it is there, that which pauses the copy, and the socket that gh-ost listens on. */
export const ghOstFiles = { conf: 'gh-ost.conf', postpone: 'postpone', pause: 'pause', socket: 'socket' } as const

const userVariable = 'WWDB_ONLINE_USER'
const passwordVariable = 'WWDB_ONLINE_PASSWORD'

/** Variables from which gh-ost takes user and password: its file of options would read some characters as something else. */
export function ghOstVariables({ user, password }: ServerConfig): Readonly<Record<string, string>> {
  return { [userVariable]: user, [passwordVariable]: password?.reveal() ?? '' }
}

/** Files that only this account may read, by their names. The cut-over is postponed from the beginning. */
export function ghOstConfiguration({ tls }: ServerConfig): ReadonlyMap<string, string> {
  const conf = `[client]\nuser = \${${userVariable}}\npassword = \${${passwordVariable}}\n`
  const pem = [
    ['ca.pem', tls?.ca ?? null],
    ['cert.pem', tls?.cert ?? null],
    ['key.pem', tls?.key?.reveal() ?? null],
  ] as const
  return new Map([
    [ghOstFiles.conf, conf],
    [ghOstFiles.postpone, ''],
    ...pem.flatMap(([name, text]) => (text === null ? [] : [[name, text] as const])),
  ])
}

/** Its own retries of whatever fails, a second apart. */
const retries = 30
/** Milliseconds between two tries of the cut-over at least, once their pauses have grown. gh-ost counts each, and ends at the last. */
const betweenTries = 4000

/**
 * The command line. The tables are swapped only once wwdb takes the postponing file away, by gh-ost itself: it locks the table, applies what it has not yet applied, and
 * renames both. An attempt waits at most twice the time given for that lock.
 */
export function ghOstArguments(run: GhOstRun, { host, port, tls, encryption }: ServerConfig): readonly string[] {
  const { schema, table, changes, folder, token } = run
  const file = (name: string): string => `${folder}/${name}`
  const isEncrypted = tls !== null || encryption === 'required'
  return [
    `--conf=${file(ghOstFiles.conf)}`,
    `--host=${host}`,
    `--port=${port}`,
    `--database=${schema}`,
    `--table=${table}`,
    `--alter=${changes}`,
    // The server that is changed, never one of its replicas: its binary log has each write first. One that replicates from another is it as well: left to itself, gh-ost
    // looks for the source of the server, and changes the table there.
    '--allow-on-master',
    `--assume-master-host=${host.includes(':') ? `[${host}]` : host}:${port}`,
    '--assume-rbr',
    // A port that is forwarded is not the one that the server names.
    '--skip-port-validation',
    // As a replica it needs a number of its own; two that are alike end each other.
    `--replica-server-id=${token}`,
    `--serve-socket-file=${file(ghOstFiles.socket)}`,
    `--postpone-cut-over-flag-file=${file(ghOstFiles.postpone)}`,
    `--throttle-additional-flag-file=${file(ghOstFiles.pause)}`,
    '--cut-over=atomic',
    '--cut-over-lock-timeout-seconds=1',
    `--default-retries=${retries + Math.ceil(run.budget / betweenTries)}`,
    '--panic-on-warnings',
    '--ok-to-drop-table=false',
    '--initially-drop-ghost-table=false',
    '--initially-drop-old-table=false',
    ...(run.renames ? ['--approve-renamed-columns'] : []),
    ...(isEncrypted ? ['--ssl'] : []),
    ...(tls?.ca ? [`--ssl-ca=${file('ca.pem')}`] : []),
    ...(tls?.cert ? [`--ssl-cert=${file('cert.pem')}`] : []),
    ...(tls?.key ? [`--ssl-key=${file('key.pem')}`] : []),
    ...(isEncrypted && tls?.verify !== true ? ['--ssl-allow-insecure'] : []),
    '--execute',
  ]
}

/** `Copy: 1000/20000 5.0%; Applied: 3; ...`: how far it is; null for any other line. */
export function readGhOstProgress(line: string): { readonly rows: number; readonly of: number } | null {
  const [, rows, of] = /^Copy: (\d+)\/(\d+) /.exec(line) ?? []
  return rows === undefined || of === undefined ? null : { rows: Number(rows), of: Number(of) }
}

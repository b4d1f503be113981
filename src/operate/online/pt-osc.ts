import type { ServerConfig } from '../../config/config.ts'
import type { CopyTool } from './copy-tool.ts'
import { triggersOf } from './leftover-names.ts'

export const ptOsc: CopyTool = {
  program: 'pt-online-schema-change',
  oldest: '3.0.11',
  source: 'Debian: percona-toolkit',
  // `pt-online-schema-change 3.2.1`
  readVersion: (output) => /^pt-online-schema-change (\d+\.\d+\.\d+)/m.exec(output)?.[1] ?? null,
  namesOf: (schema, table) => ({
    copy: `_${table}_new`.slice(0, 64),
    old: null,
    logs: [],
    triggers: triggersOf(schema, table),
  }),
  keepsDefinition: false,
  bringsWritesEach: null,
  objectTo: () => [],
}

/** What one copy is made of. */
export interface PtOscRun {
  readonly schema: string
  readonly table: string
  /** What stands behind the name of the table in the ALTER TABLE. */
  readonly changes: string
  /** A file that only this account may read: the command line shows to everybody on the machine. */
  readonly defaultsFile: string
  /** While it is there, the tool copies nothing. */
  readonly pauseFile: string
  /** By it the sessions of the tool are known, as `wait_timeout`. */
  readonly token: number
  /** True where the server has `explain_format`, which is TREE by default since MySQL 9: the tool then reads no estimate of rows, and copies the whole table at once. */
  readonly setsExplain: boolean
  /** True where the statement renames columns, which the tool recognizes by a regular expression; the checksum proves what it made of them. */
  readonly renames: boolean
  /** True where it adds a unique key, or makes values equal: that no row is lost is asked before, and counted at the swap. */
  readonly addsUnique: boolean
}

/** A comma ends a part of a DSN. */
const quoteDsn = (text: string): string => text.replace(/[\\,]/g, '\\$&')

/**
 * The command line. It copies and stops before the swap: the new table and its triggers stay, for wwdb to compare, swap and drop. Replicas are not looked for,
 * which is the governor's task, and sends what newer servers do not know.
 */
export function ptOscArguments(run: PtOscRun): readonly string[] {
  const { schema, table, changes, defaultsFile, pauseFile, token } = run
  return [
    // First, as it must be: files in /etc and in the home folder may give the tool other flags.
    ...['--config', '/dev/null'],
    `--alter=${changes}`,
    '--execute',
    '--no-swap-tables',
    '--no-drop-new-table',
    '--no-drop-old-table',
    '--no-drop-triggers',
    '--no-version-check',
    '--recursion-method=none',
    // The governor decides on load: the tool's own bounds cannot be switched off, only set out of reach.
    '--max-load=Threads_running=1000000',
    '--critical-load=Threads_running=1000000',
    '--chunk-time=0.5',
    `--set-vars=wait_timeout=${token},lock_wait_timeout=2,innodb_lock_wait_timeout=5${run.setsExplain ? ',explain_format=TRADITIONAL' : ''}`,
    '--tries=create_triggers:30:2,drop_triggers:30:2,copy_rows:100:0.5',
    `--pause-file=${pauseFile}`,
    '--progress=time,1',
    ...(run.renames ? ['--no-check-alter'] : []),
    ...(run.addsUnique ? ['--no-check-unique-key-change'] : []),
    `F=${quoteDsn(defaultsFile)},D=${quoteDsn(schema)},t=${quoteDsn(table)}`,
  ]
}

/** In quotes, as option files of MySQL read it. */
const quoteOption = (text: string): string => `"${text.replace(/[\\"]/g, '\\$&')}"`

/** Files that only this account may read, by their names: the option file with which the tool connects, and what TLS needs. */
export function connectionFiles(server: ServerConfig, folder: string): ReadonlyMap<string, string> {
  const { host, port, socket, user, password, tls } = server
  const pem = [
    ['ssl-ca', 'ca.pem', tls?.ca ?? null],
    ['ssl-cert', 'cert.pem', tls?.cert ?? null],
    ['ssl-key', 'key.pem', tls?.key?.reveal() ?? null],
  ] as const
  const given = pem.flatMap(([option, file, text]) => (text === null ? [] : [{ option, file, text }]))
  const lines = [
    ...(socket === null ? [`host=${quoteOption(host)}`, `port=${port}`] : [`socket=${quoteOption(socket)}`]),
    `user=${quoteOption(user)}`,
    ...(password === null ? [] : [`password=${quoteOption(password.reveal())}`]),
    ...given.map(({ option, file }) => `${option}=${quoteOption(`${folder}/${file}`)}`),
    ...(tls?.verify === true ? ['ssl-verify-server-cert'] : []),
  ]
  return new Map([
    [optionFile, `[client]\n${lines.join('\n')}\n`],
    ...given.map(({ file, text }) => [file, text] as const),
  ])
}

/** The name of the option file. */
export const optionFile = 'client.cnf'

/** `Copying `app`.`t`:  12% 00:41 remain`: how far it is; null for any other line. */
export function readPtOscProgress(line: string): { readonly percent: number } | null {
  const percent = /^Copying .*:\s+(\d+)% .* remain$/.exec(line)?.[1]
  return percent === undefined ? null : { percent: Number(percent) }
}

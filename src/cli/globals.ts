import type { ConfigRequest } from '../config/request.ts'
import type { GivenValues } from './program.ts'
import { usageError } from './usage.ts'

export type Environment = Readonly<Record<string, string | undefined>>

export const formats = ['human', 'json', 'github'] as const
type Format = (typeof formats)[number]

/** The values of the global flags, with the variables that the command line itself reads. */
export interface GlobalOptions {
  readonly file: string | null
  readonly environmentName: string | null
  /** What `--target` names, as given. */
  readonly named: readonly string[]
  /** The databases of it. */
  readonly targets: readonly string[]
  /** The targets of it: `tenant_db/acme` is one of a database that has many. */
  readonly picks: readonly string[]
  readonly settings: ConfigRequest['flags']
  readonly cwd: string | null
  /** As given: relative to the working folder of the tool. */
  readonly logFile: string | null
  readonly format: Format
  readonly quiet: boolean
  readonly verbose: boolean
  readonly debug: boolean
  readonly color: boolean | undefined
  readonly yes: boolean
  readonly confirm: string | null
  readonly noInput: boolean
  readonly allowProtected: boolean
}

/**
 * Brings flags and variables together; a flag wins. `WWDB_CONFIG`, `WWDB_ENV` and the variables of settings that a file may hold
 * too are read by the configuration. Throws ToolError `USAGE` for an invalid variable.
 */
export function readGlobals(given: GivenValues, environment: Environment): GlobalOptions {
  const named = texts(given, 'target') ?? splitList(variable(environment, 'WWDB_TARGET'))
  return {
    file: text(given, 'config'),
    environmentName: text(given, 'env'),
    named,
    targets: [...new Set(named.map((target) => target.split('/', 1)[0] ?? ''))],
    picks: named.filter((target) => target.includes('/')),
    settings: {
      url: text(given, 'url'),
      prefix: text(given, 'prefix'),
      concurrency: typeof given['concurrency'] === 'number' ? given['concurrency'] : null,
      lockTimeout: text(given, 'lockTimeout'),
      statementTimeout: text(given, 'statementTimeout'),
      logFile: text(given, 'logFile'),
    },
    cwd: text(given, 'cwd'),
    logFile: text(given, 'logFile') ?? variable(environment, 'WWDB_LOG_FILE'),
    format: readFormat(given, environment),
    quiet: given['quiet'] === true,
    verbose: given['verbose'] === true,
    debug: given['debug'] === true || isOn(environment, 'WWDB_DEBUG'),
    color: typeof given['color'] === 'boolean' ? given['color'] : undefined,
    yes: given['yes'] === true,
    confirm: text(given, 'confirm'),
    noInput: given['noInput'] === true || isOn(environment, 'WWDB_NO_INPUT'),
    allowProtected: given['allowProtected'] === true,
  }
}

/** The output options of a command line that could not be parsed: its error must still have the requested format. */
export function guessGlobals(argv: readonly string[], environment: Environment): GlobalOptions {
  const line = argv.join(' ')
  const format = formats.find((name) => new RegExp(`--format[ =]${name}\\b`).test(line))
  const given: Record<string, unknown> = { debug: argv.includes('--debug') }
  if (argv.includes('--json')) given['json'] = true
  else if (format !== undefined) given['format'] = format
  if (argv.includes('--no-color')) given['color'] = false
  const usable = formats.some((name) => name === environment['WWDB_FORMAT'])
  return readGlobals(given, usable ? environment : { ...environment, WWDB_FORMAT: undefined })
}

function readFormat(given: GivenValues, environment: Environment): Format {
  if (given['json'] === true) return 'json'
  const chosen = text(given, 'format') ?? variable(environment, 'WWDB_FORMAT') ?? 'human'
  const format = formats.find((known) => known === chosen)
  if (format === undefined) {
    throw usageError(
      `"${chosen}" is not a valid value for \`WWDB_FORMAT\`.`,
      'wwdb',
      null,
      `It must be one of ${formats.join(', ')}.`,
    )
  }
  return format
}

function text(given: GivenValues, key: string): string | null {
  const value = given[key]
  return typeof value === 'string' ? value : null
}

function texts(given: GivenValues, key: string): readonly string[] | null {
  const value = given[key]
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : null
}

/** An empty variable counts as not set. */
function variable(environment: Environment, name: string): string | null {
  const value = environment[name]
  return value === undefined || value === '' ? null : value
}

function isOn(environment: Environment, name: string): boolean {
  const value = variable(environment, name)
  return value !== null && !['0', 'false', 'no', 'off'].includes(value.toLowerCase())
}

function splitList(list: string | null): readonly string[] {
  return (list ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

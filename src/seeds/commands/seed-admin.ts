import type { Context } from '../../command/context.ts'
import { defineCommand } from '../../command/define-command.ts'
import type { Config } from '../../config/config.ts'
import { selectDatabases } from '../../config/config.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { ToolError } from '../../core/tool-error.ts'
import { targetServers } from '../../migrations/ports.ts'
import { hashPassword, judgePassword, refuseSecond, toSeeds } from '../administrator.ts'
import { readSeeds } from '../files/read-seeds.ts'
import { seedStores } from '../ports.ts'
import { exitCodeOfSeeds, runSeeds, seedEverything } from '../run-seeds.ts'
import type { AdministratorSeed } from '../seed.ts'

/** `wwdb seed admin`: creates the first administrator, once. */
export const command = defineCommand({
  name: 'seed admin',
  group: 'Databases and projects',
  summary: 'create the first administrator',
  purpose:
    'Creates the first user with all permissions, as defined by a seed file with "administrator:": the row, its ' +
    'grants, and the password as a salted scrypt hash. The password is read from stdin and never shown. Refuses a ' +
    'weak password, and does nothing if an administrator already exists.',
  examples: [
    {
      command: 'wwdb seed admin --username root --password-stdin < password.txt',
      purpose: 'from a file that only you may read',
    },
    {
      command: 'wwdb seed admin --username root --value email=root@example.com --password-stdin < password.txt',
      purpose: 'with other values than the file has',
    },
  ],
  flags: {
    Who: {
      username: { value: 'NAME', description: 'user name of the administrator' },
      passwordStdin: { description: 'read the password from stdin, up to the end of the line or input' },
      value: {
        value: 'COLUMN',
        description: 'a value of the row that overrides the file, as COLUMN=TEXT; may be repeated',
        repeatable: true,
      },
    },
  },
  exitCodes: exitCodesOf.locks,
  interruption: 'after-statement',
  writes: true,
  connects: true,
  vtgate: true,
  async run(options, context) {
    const started = performance.now()
    const { username } = options
    if (username === undefined || username === '') throw usage('`wwdb seed admin` needs `--username NAME`.')
    if (options.passwordStdin !== true)
      throw usage('`wwdb seed admin` reads the password from stdin only: add `--password-stdin`.')
    const values = readValues(options.value ?? [])
    const config = await context.config()
    const { database, seed } = findAdministrator(config, context)
    const secret = await context.process.readSecret()
    refuseWeak(secret, username)
    const tables = toSeeds(seed, { username, password: await hashPassword(secret), values })
    const { emit, stop } = context
    const report = await runSeeds({
      ...seedEverything,
      config,
      seeds: [{ database, tables, scripts: [], administrator: null }],
      servers: await context.port(targetServers),
      openStore: await context.port(seedStores),
      emit,
      stop,
      remember: false,
      pass: 'administrator',
      object: (seeding, plan) => refuseSecond(seed, username, seeding, plan),
    })
    const { outcomes } = report
    const milliseconds = performance.now() - started
    return {
      result: { kind: 'seed', command: 'seed admin', outcomes, milliseconds, dryRun: false },
      exitCode: exitCodeOfSeeds(report),
    }
  },
})

function usage(what: string): ToolError {
  return new ToolError('USAGE', { what, next: 'See `wwdb seed admin --help`.' })
}

function readValues(given: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    given.map((text): [string, string] => {
      const at = text.indexOf('=')
      if (at < 1) throw usage('`--value` must be COLUMN=TEXT.')
      return [text.slice(0, at), text.slice(at + 1)]
    }),
  )
}

function findAdministrator(
  config: Config,
  context: Context,
): { readonly database: string; readonly seed: AdministratorSeed } {
  const chosen = selectDatabases(config, context.targets).map(({ name }) => name)
  const found = readSeeds(config).flatMap(({ database, administrator }) =>
    administrator !== null && chosen.includes(database) ? [{ database, seed: administrator }] : [],
  )
  const [first, second] = found
  if (first !== undefined && second === undefined) return first
  const exitCode = first === undefined ? exitCodes.configuration : exitCodes.usage
  const fault =
    first === undefined
      ? {
          what: 'No seed file defines an administrator.',
          next: 'Write one with `administrator:`; docs/guides/seeds.md shows how.',
        }
      : {
          what: `Administrators are defined in ${found.map(({ database }) => database).join(' and ')}.`,
          next: `Choose one: \`--target ${first.database}\`.`,
        }
  throw new ToolError('ADMINISTRATOR_UNCLEAR', fault, { exitCode })
}

/** The reasons reveal nothing of the password itself. */
function refuseWeak(password: string, username: string): void {
  const reasons = judgePassword(password, username)
  if (reasons.length === 0) return
  throw new ToolError('PASSWORD_WEAK', {
    what: 'The password is too weak for an administrator.',
    why: `${reasons.join('; ')}.`,
    next: 'Choose another, such as `openssl rand -base64 24` prints; nothing was changed.',
  })
}

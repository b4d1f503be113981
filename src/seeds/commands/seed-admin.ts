import * as z from 'zod/mini'
import type { Config } from '../../config/config.ts'
import { selectDatabases } from '../../config/selected-databases.ts'
import type { CommandResult, Context } from '../../core/context.ts'
import { exitCodes } from '../../core/exit-code.ts'
import { ToolError } from '../../core/tool-error.ts'
import { hashPassword, judgePassword, refuseSecond, toSeeds } from '../administrator.ts'
import { readSeeds } from '../files/read-seeds.ts'
import { exitCodeOfSeeds, plainWish, runSeeds } from '../run-seeds.ts'
import type { AdministratorSeed } from '../seed.ts'

export const input = z.strictObject({
  username: z.optional(z.string()),
  passwordStdin: z.optional(z.boolean()),
  value: z.optional(z.array(z.string())),
})

/** `wwdb seed admin`: makes the first administrator, once. */
export async function run(options: z.infer<typeof input>, context: Context): Promise<CommandResult> {
  const started = performance.now()
  const { username } = options
  if (username === undefined || username === '') throw usage('`wwdb seed admin` needs --username NAME.')
  if (options.passwordStdin !== true)
    throw usage('`wwdb seed admin` reads the password from stdin only: add --password-stdin.')
  const values = readValues(options.value ?? [])
  const config = await context.config()
  const { database, seed } = findAdministrator(config, context)
  const secret = await context.readSecret()
  refuseWeak(secret, username)
  const tables = toSeeds(seed, { username, password: await hashPassword(secret), values })
  const { emit, stop } = context
  const report = await runSeeds({
    ...plainWish,
    config,
    seeds: [{ database, tables, scripts: [], administrator: null }],
    servers: await context.servers(),
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
}

function usage(what: string): ToolError {
  return new ToolError('USAGE', { what, next: 'See wwdb seed admin --help.' })
}

function readValues(given: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    given.map((text): [string, string] => {
      const at = text.indexOf('=')
      if (at < 1) throw usage('--value is written as COLUMN=TEXT.')
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
          what: 'No seed file says how an administrator is made.',
          next: 'Write one with "administrator:"; docs/guides/seeds.md shows how.',
        }
      : {
          what: `Administrators can be made in ${found.map(({ database }) => database).join(' and ')}.`,
          next: `Choose one: --target ${first.database}.`,
        }
  throw new ToolError('ADMINISTRATOR_UNCLEAR', fault, { exitCode })
}

/** The reasons say nothing of the password itself. */
function refuseWeak(password: string, username: string): void {
  const reasons = judgePassword(password, username)
  if (reasons.length === 0) return
  throw new ToolError('PASSWORD_WEAK', {
    what: 'The password is too weak for who may do everything.',
    why: `${reasons.join('; ')}.`,
    next: 'Choose another, such as `openssl rand -base64 24` prints; nothing was changed.',
  })
}

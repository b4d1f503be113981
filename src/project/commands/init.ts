import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readTextFile } from '../../config/document.ts'
import { redactFault, secretsOf } from '../../config/redact.ts'
import { resolveConfig } from '../../config/resolve.ts'
import { namePattern } from '../../config/schema-parts.ts'
import { defineCommand } from '../../core/command.ts'
import type { Context } from '../../core/context.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { type Fault, ToolError } from '../../core/tool-error.ts'
import type { SeenSchema } from '../../migrations/ports.ts'
import { agentsText } from '../agents-text.ts'
import { adviseDatabase, type FirstDatabase, proposeDatabases, writeFirstConfig } from '../first-config.ts'

/** `wwdb init`: writes a first configuration and a folder for each database's migrations. Overwrites nothing. */
export const command = defineCommand({
  name: 'init',
  group: 'Databases and projects',
  summary: 'write a first configuration and the folders it names',
  purpose:
    'Writes wwdb.config.json and one migrations folder a database into the present directory. Nothing that exists is ' +
    'overwritten. Passwords are never written: they belong into WWDB_PASSWORD.',
  examples: [
    { command: 'wwdb init app', purpose: 'a project with one database' },
    { command: 'wwdb init user_db message_db', purpose: 'a project with two' },
    {
      command: 'wwdb init --from-url mysql://root@127.0.0.1:3306',
      purpose: 'a database for each schema of a server, with what to do about the tables in it',
    },
  ],
  arguments: {
    databases: {
      description: 'the logical databases; with --from-url, schemas of the server',
      required: false,
      variadic: true,
    },
  },
  flags: {
    'What to write': {
      fromUrl: {
        value: 'URL',
        description: 'look at this server, and propose a database for each of its schemas',
        otherwise: 'no server is asked',
      },
      agents: { description: 'write AGENTS.md, too: how an agent works with the migrations of the project' },
      dryRun: { description: 'print the configuration, and write nothing' },
    },
  },
  exitCodes: [...exitCodesOf.project, exitCodes.unreachable],
  interruption: 'at-once',
  writes: true,
  connects: false,
  async run({ databases, fromUrl, agents, dryRun }, context) {
    const { cwd } = context.process
    const names = [...new Set(databases)]
    const first = fromUrl === undefined ? nameDatabases(names) : await lookAtServer(context, fromUrl, names)
    const text = writeFirstConfig(fromUrl === undefined ? localServer : withoutPassword(fromUrl), first)
    if (dryRun) return { result: { kind: 'document', format: 'json', content: text }, exitCode: exitCodes.done }
    const existing = configNames.find((name) => existsSync(join(cwd, name)))
    if (existing !== undefined) throw new ToolError('ALREADY_INITIALIZED', existingFault(existing))
    const created = first.flatMap(({ name }) => makeFolder(cwd, name))
    writeFileSync(join(cwd, configName), text, { flag: 'wx' })
    const forAgents = agents ? writeAgents(cwd) : []
    return {
      result: {
        kind: 'files',
        created: [configName, ...created, ...forAgents],
        changed: [],
        next: fromUrl === undefined ? nextForNew(first) : nextForServer(first, fromUrl),
      },
      exitCode: exitCodes.done,
    }
  },
})

const configName = 'wwdb.config.json'
const configNames = [configName, 'wwdb.config.mjs']
const localServer = 'mysql://root@127.0.0.1:3306'

/** Throws ToolError `USAGE` for every name that no database can have. */
function nameDatabases(names: readonly string[]): readonly FirstDatabase[] {
  const faults = names.filter((name) => !namePattern.test(name)).map(nameFault)
  if (faults.length > 0) throw new ToolError('USAGE', faults)
  return (names.length === 0 ? ['app'] : names).map((name) => ({ name, schema: null, tables: [] }))
}

/** Throws ToolError `CONFIG_INVALID` for a wrong URL, `UNREACHABLE`, and `USAGE` where the server has no such schema. */
async function lookAtServer(
  context: Context,
  url: string,
  names: readonly string[],
): Promise<readonly FirstDatabase[]> {
  const { cwd, variables } = context.process
  const flags = { url: withSchema(url) }
  const request = { cwd, file: null, environmentName: null, flags, environment: variables, serversNeeded: true }
  const { config, faults } = resolveConfig(request, null, readTextFile)
  const [database] = config.databases
  if (faults.length > 0 || database === undefined)
    throw new ToolError(
      'CONFIG_INVALID',
      faults.map((fault) => redactFault(fault, secretsOf('url', url))),
    )
  const administration = await (await context.mysql.servers()).administrate(database, config.timeouts)
  try {
    const seen = await administration.listSchemas()
    const chosen = names.length === 0 ? seen : seen.filter(({ name }) => names.includes(name))
    const missing = names.filter((name) => !seen.some((schema) => schema.name === name))
    if (missing.length > 0 || chosen.length === 0)
      throw new ToolError('USAGE', absentFault(missing, seen, database.server.label))
    return proposeDatabases(chosen)
  } finally {
    await administration.close()
  }
}

/** Without a configuration a URL has to name a schema; no schema is selected, so that it need not be there. */
function withSchema(url: string): string {
  return /^[a-z]+:\/\/[^/?]*\/?(?=$|\?)/i.test(url) ? url.replace(/^([a-z]+:\/\/[^/?]*)\/?/i, '$1/app') : url
}

/** For the file: a password belongs into a variable, and a schema to its database. */
function withoutPassword(url: string): string {
  return url.replace(/^([a-z]+:\/\/[^:@/]*)(?::[^@]*)?@([^/?]*)(?:\/[^?]*)?/i, '$1@$2')
}

function absentFault(missing: readonly string[], seen: readonly SeenSchema[], server: string): Fault {
  const there = seen.map(({ name }) => `\`${name}\``).join(', ')
  const what =
    missing.length === 0
      ? `The account sees no schema on ${server} but those of MySQL itself.`
      : `${server} has no schema ${missing.map((name) => `\`${name}\``).join(', ')}, or the account may not see it.`
  const next =
    there === '' ? 'Run `wwdb init` with names of your own, then `wwdb db create`.' : `Name some of these: ${there}.`
  return { what, where: { server }, next }
}

function nextForNew(first: readonly FirstDatabase[]): readonly string[] {
  const target = first.length === 1 ? '' : ` --target ${first[0]?.name ?? ''}`
  return [
    `Set the environment variable WWDB_URL, or "url" in \`${configName}\`, to your server; \`wwdb sandbox up\` starts one.`,
    `Write a first migration with \`wwdb new create_something${target}\`.`,
    'Create what is missing with `wwdb db create`, then apply it with `wwdb migrate`.',
  ]
}

function nextForServer(first: readonly FirstDatabase[], url: string): readonly string[] {
  const hasPassword = withoutPassword(url) !== url && /^[a-z]+:\/\/[^@]*:[^@]+@/i.test(url)
  return [
    ...(hasPassword ? [`Set the environment variable WWDB_PASSWORD: the password is not in \`${configName}\`.`] : []),
    `Take databases that are not this project's out of \`${configName}\`.`,
    ...first.flatMap((database) => adviseDatabase(database) ?? []),
    'See where everything stands with `wwdb status`.',
  ]
}

/** An AGENTS.md that is there is left alone. */
function writeAgents(cwd: string): readonly string[] {
  if (existsSync(join(cwd, 'AGENTS.md'))) return []
  writeFileSync(join(cwd, 'AGENTS.md'), agentsText, { flag: 'wx' })
  return ['AGENTS.md']
}

/** An empty folder would not be kept by git. */
function makeFolder(cwd: string, name: string): readonly string[] {
  const folder = join(cwd, 'migrations', name)
  if (existsSync(folder)) return []
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, '.gitkeep'), '', { flag: 'wx' })
  return [`migrations/${name}/.gitkeep`]
}

function nameFault(name: string): Fault {
  return {
    what: `\`${name}\` cannot name a database.`,
    next: 'Use letters, digits and _, with a letter first; the name on the server may differ (`schema`).',
  }
}

function existingFault(file: string): Fault {
  return {
    what: `There is a \`${file}\` already, and nothing is overwritten.`,
    where: { file },
    next: 'Add databases to it, or run `wwdb init` in another folder.',
  }
}

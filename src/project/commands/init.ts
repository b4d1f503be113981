import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Context } from '../../command/context.ts'
import { defineCommand } from '../../command/define-command.ts'
import { namePattern } from '../../config/schema-parts.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { type Fault, ToolError } from '../../core/tool-error.ts'
import type { SeenSchema } from '../../migrations/ports.ts'
import { agentsText } from '../agents-text.ts'
import { adviseDatabase, type FirstDatabase, proposeDatabases, writeFirstConfig } from '../first-config.ts'
import { checkServerUrl, chooseSchemas, hasPassword, listSchemas, withoutPassword } from '../look-at-server.ts'

const localServer = 'mysql://root@127.0.0.1:3306'

/** `wwdb init`: writes a first configuration and a folder for each database's migrations. Overwrites nothing. */
export const command = defineCommand({
  name: 'init',
  group: 'Databases and projects',
  summary: 'create a configuration and its folders',
  purpose:
    'Writes wwdb.config.json and one migrations folder per database to the current directory. Existing files are ' +
    'never overwritten. Passwords are never written: they belong in WWDB_PASSWORD. Without arguments it asks for ' +
    'the server and the databases; without a terminal it uses `app` on this machine.',
  examples: [
    { command: 'wwdb init', purpose: 'asks for the server and the databases' },
    { command: 'wwdb init user_db message_db', purpose: 'a project with two databases' },
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
        description: 'read this server, and propose a database for each of its schemas',
        otherwise: 'no server is read',
      },
      serverUrl: {
        value: 'URL',
        description: 'the server to write to the configuration, without connecting to it',
        otherwise: localServer,
        conflicts: ['fromUrl'],
      },
      agents: { description: 'also write AGENTS.md: how an agent works with the migrations of the project' },
      dryRun: { description: 'print the configuration, without writing anything' },
    },
  },
  exitCodes: [...exitCodesOf.project, exitCodes.unreachable],
  interruption: 'at-once',
  writes: true,
  connects: false,
  async run({ databases, fromUrl, serverUrl, agents, dryRun }, context) {
    const { cwd } = context.process
    const existing = configNames.find((name) => existsSync(join(cwd, name)))
    if (existing !== undefined && !dryRun) throw new ToolError('ALREADY_INITIALIZED', existingFault(existing))
    const project = await describeProject(context, [...new Set(databases)], fromUrl, serverUrl)
    const text = writeFirstConfig(withoutPassword(project.url), project.databases)
    if (dryRun) return { result: { kind: 'document', format: 'json', content: text }, exitCode: exitCodes.done }
    const created = project.databases.flatMap(({ name }) => makeFolder(cwd, name))
    writeFileSync(join(cwd, configName), text, { flag: 'wx' })
    const forAgents = agents ? writeAgents(cwd) : []
    const next = project.isSeen ? nextForServer(project) : nextForNew(project)
    return {
      result: { kind: 'files', created: [configName, ...created, ...forAgents], changed: [], next },
      exitCode: exitCodes.done,
    }
  },
})

const configName = 'wwdb.config.json'
const configNames = [configName, 'wwdb.config.mjs']

interface FirstProject {
  /** As given: it may contain a password. */
  readonly url: string
  /** A person named it. */
  readonly isGiven: boolean
  /** The server was inspected. */
  readonly isSeen: boolean
  readonly databases: readonly FirstDatabase[]
}

/** What the flags say, or else a person answers. Throws ToolError `USAGE`, and what inspecting a server throws. */
async function describeProject(
  context: Context,
  names: readonly string[],
  fromUrl: string | undefined,
  url: string | undefined,
): Promise<FirstProject> {
  if (fromUrl !== undefined) return lookAtServer(context, fromUrl, async () => names)
  if (url !== undefined) checkServerUrl(context, url)
  if (url !== undefined || names.length > 0)
    return { url: url ?? localServer, isGiven: url !== undefined, isSeen: false, databases: nameDatabases(names) }
  const { ask } = context.process
  const server = (await ask(serverQuestion))?.trim() ?? null
  if (server !== null && server !== '')
    return lookAtServer(context, server, async (schemas) =>
      splitNames(
        await ask(`There are ${schemas.map(({ name }) => name).join(', ')}.\nWhich are this project's? [all] `),
      ),
    )
  const typed = server === null ? [] : splitNames(await ask('Names of the databases of this project? [app] '))
  return { url: localServer, isGiven: false, isSeen: false, databases: nameDatabases(typed) }
}

const serverQuestion = `URL of the MySQL server without a password, such as ${localServer} (empty if there is none yet): `

/** Names separated by blanks or commas. */
function splitNames(typed: string | null): readonly string[] {
  return [...new Set((typed ?? '').split(/[\s,]+/).filter((name) => name !== ''))]
}

async function lookAtServer(
  context: Context,
  url: string,
  choose: (schemas: readonly SeenSchema[]) => Promise<readonly string[]>,
): Promise<FirstProject> {
  const seen = await listSchemas(context, url)
  const names = seen.schemas.length === 0 ? [] : await choose(seen.schemas)
  return { url, isGiven: true, isSeen: true, databases: proposeDatabases(chooseSchemas(seen, names)) }
}

/** Throws ToolError `USAGE` for every name that a database cannot have. */
function nameDatabases(names: readonly string[]): readonly FirstDatabase[] {
  const faults = names.filter((name) => !namePattern.test(name)).map(nameFault)
  if (faults.length > 0) throw new ToolError('USAGE', faults)
  return (names.length === 0 ? ['app'] : names).map((name) => ({ name, schema: null, tables: [], columns: new Map() }))
}

function nextForNew({ url, isGiven, databases }: FirstProject): readonly string[] {
  const target = databases.length === 1 ? '' : ` --target ${databases[0]?.name ?? ''}`
  const server = [
    `Set the environment variable WWDB_URL, or \`url\` in \`${configName}\`, to your server.`,
    'Without a server: `wwdb sandbox up` starts one, and `eval "$(wwdb sandbox env)"` makes this shell use it.',
  ]
  return [
    ...(isGiven ? nextForPassword(url) : server),
    `Write the first migration with \`wwdb new create_something${target}\`.`,
    'Create what is missing with `wwdb db create`, then apply it with `wwdb migrate`.',
  ]
}

function nextForPassword(url: string): readonly string[] {
  if (!hasPassword(url)) return []
  return [`Set the environment variable WWDB_PASSWORD: the password is not in \`${configName}\`.`]
}

function nextForServer({ url, databases }: FirstProject): readonly string[] {
  return [
    ...nextForPassword(url),
    ...(databases.length > 1 ? [`Remove databases that do not belong to this project from \`${configName}\`.`] : []),
    ...databases.flatMap((database) => adviseDatabase(database) ?? []),
    'See the state of everything with `wwdb status`.',
  ]
}

/** An existing AGENTS.md is left alone. */
function writeAgents(cwd: string): readonly string[] {
  if (existsSync(join(cwd, 'AGENTS.md'))) return []
  writeFileSync(join(cwd, 'AGENTS.md'), agentsText, { flag: 'wx' })
  return ['AGENTS.md']
}

/** Git does not keep an empty folder. */
function makeFolder(cwd: string, name: string): readonly string[] {
  const folder = join(cwd, 'migrations', name)
  if (existsSync(folder)) return []
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, '.gitkeep'), '', { flag: 'wx' })
  return [`migrations/${name}/.gitkeep`]
}

function nameFault(name: string): Fault {
  return {
    what: `\`${name}\` is not a valid database name.`,
    next: 'Use letters, digits and _, starting with a letter; the name on the server may differ (`schema`).',
  }
}

function existingFault(file: string): Fault {
  return {
    what: `\`${file}\` already exists and is not overwritten.`,
    where: { file },
    next: 'Add databases to it, or run `wwdb init` in another folder.',
  }
}

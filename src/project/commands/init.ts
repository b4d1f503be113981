import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { namePattern } from '../../config/schema-parts.ts'
import { defineCommand } from '../../core/command.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { type Fault, ToolError } from '../../core/tool-error.ts'

/** `wwdb init`: writes a first configuration and a folder for each database's migrations. Overwrites nothing. */
export const command = defineCommand({
  name: 'init',
  group: 'Databases and projects',
  summary: 'write a first configuration and the folders it names',
  purpose:
    'Writes wwdb.config.json and one migrations folder a database into the present directory. Nothing that exists is ' +
    'overwritten.',
  examples: [
    { command: 'wwdb init app', purpose: 'a project with one database' },
    { command: 'wwdb init user_db message_db', purpose: 'a project with two' },
  ],
  arguments: { databases: { description: 'the logical databases', required: false, variadic: true } },
  exitCodes: exitCodesOf.project,
  interruption: 'at-once',
  writes: true,
  connects: false,
  async run({ databases }, context) {
    const { cwd } = context.process
    const names = databases === undefined || databases.length === 0 ? ['app'] : [...new Set(databases)]
    const faults = names.filter((name) => !namePattern.test(name)).map(nameFault)
    if (faults.length > 0) throw new ToolError('USAGE', faults)
    const existing = configNames.find((name) => existsSync(join(cwd, name)))
    if (existing !== undefined) throw new ToolError('ALREADY_INITIALIZED', existingFault(existing))
    const created = names.flatMap((name) => makeFolder(cwd, name))
    writeFileSync(join(cwd, configName), firstConfig(names), { flag: 'wx' })
    const target = names.length === 1 ? '' : ` --target ${names[0]}`
    return {
      result: {
        kind: 'files',
        created: [configName, ...created],
        changed: [],
        next: [
          `Set the environment variable WWDB_URL, or "url" in ${configName}, to your server; \`wwdb sandbox up\` starts one.`,
          `Write a first migration with \`wwdb new create_something${target}\`.`,
          'Create what is missing with `wwdb db create`, then apply it with `wwdb migrate`.',
        ],
      },
      exitCode: exitCodes.done,
    }
  },
})

const configName = 'wwdb.config.json'
const configNames = [configName, 'wwdb.config.mjs']
/** Where an editor finds the keys and their meanings, once wwdb is a dependency of the project. */
const configSchema = './node_modules/wwdb/schemas/config.schema.json'
const localServer = 'mysql://root@127.0.0.1:3306'

function firstConfig(names: readonly string[]): string {
  const databases = Object.fromEntries(names.map((name) => [name, { migrations: `migrations/${name}` }]))
  return `${JSON.stringify({ $schema: configSchema, url: localServer, databases }, null, 2)}\n`
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
    what: `"${name}" cannot name a database.`,
    next: 'Use letters, digits and _, with a letter first; the name on the server may differ ("schema").',
  }
}

function existingFault(file: string): Fault {
  return {
    what: `There is a ${file} already, and nothing is overwritten.`,
    where: { file },
    next: 'Add databases to it, or run `wwdb init` in another folder.',
  }
}

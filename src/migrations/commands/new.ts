import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CommandResult } from '../../command/context.ts'
import { defineCommand, defineFlags, type Options } from '../../command/define-command.ts'
import type { Config, DatabaseConfig } from '../../config/config.ts'
import { selectDatabases } from '../../config/config.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { ToolError } from '../../core/tool-error.ts'
import { checksumOf } from '../../files/checksum.ts'
import { displayPath, listFolder } from '../files/folder.ts'
import { isFault } from '../files/migration-name.ts'
import { type NewFile, planNewFile } from '../files/new-migration.ts'
import { readSumFile, writeSumFile } from '../files/sum.ts'

const args = { name: { description: 'what it does, in lower case with underscores', required: true } } as const

const flags = defineFlags({
  'What to write': {
    repeatable: { description: 'run again whenever the text changes; for views and routines' },
    type: {
      value: 'TYPE',
      description: 'sql, or ts for a data migration in one transaction',
      choices: ['sql', 'ts'],
      default: 'sql',
    },
    sequence: { description: 'use the next sequence number instead of a timestamp' },
  },
})

type Input = Options<typeof flags, typeof args>

/**
 * `wwdb new`: writes a migration's file, which sorts after all others, and adds it to wwdb.sum where there is one.
 * @param now the clock that timestamps are taken from
 */
export const command = defineCommand({
  name: 'new',
  group: 'Migrations',
  summary: 'write an empty migration file',
  purpose:
    'Writes a migration file with an up and a down part, named after the current UTC time so that it sorts after ' +
    'all others. Needs `--target` when there are several databases.',
  examples: [
    { command: 'wwdb new add_user_locale -t user_db', purpose: 'an SQL migration' },
    { command: 'wwdb new user_summary -t user_db --repeatable', purpose: 'a view that re-runs when its text changes' },
  ],
  arguments: args,
  flags,
  exitCodes: exitCodesOf.project,
  interruption: 'at-once',
  writes: true,
  connects: false,
  async run(options, context) {
    const config = await context.config()
    const database = onlyDatabase(config, context.targets)
    const folder = { name: database.name, directory: database.migrations }
    const file = planNewFile(
      {
        name: options.name,
        kind: kindOf(options),
        sequence: options.sequence ?? false,
        now: new Date(context.now()),
      },
      listFolder(folder, config.root).entries,
    )
    return writeNewFile(file, database, config.root)
  },
})

function kindOf({ repeatable, type }: Input): 'versioned' | 'repeatable' | 'data' {
  if (repeatable !== true) return type === 'ts' ? 'data' : 'versioned'
  if (type !== 'ts') return 'repeatable'
  throw new ToolError('USAGE', {
    what: 'A repeatable migration must be a `.sql` file.',
    next: 'Leave out `--type ts` or `--repeatable`.',
  })
}

/** The one database for which a file can be written. */
function onlyDatabase(config: Config, targets: readonly string[]): DatabaseConfig {
  const databases = selectDatabases(config, targets)
  const [database] = databases
  if (database !== undefined && databases.length === 1) return database
  const names = databases.map(({ name }) => name)
  throw new ToolError('USAGE', {
    what: 'Specify the database of the new migration.',
    next: `Add \`--target\` with one of \`${names.join('`, `')}\`.`,
  })
}

function writeNewFile(file: NewFile, database: DatabaseConfig, root: string): CommandResult {
  const { migrations: directory } = database
  const sum = readSumFile(directory, root)
  if (sum !== null && isFault(sum)) throw new ToolError('SUM_INVALID', sum)
  const path = join(directory, file.fileName)
  mkdirSync(directory, { recursive: true })
  writeFileSync(path, file.content, { flag: 'wx' })
  const changed: string[] = []
  if (sum !== null) {
    const checksums = new Map(sum.checksums).set(file.fileName, checksumOf(file.content))
    changed.push(writeSumFile(directory, root, checksums))
  }
  const next = [
    `Write its statements, then check it with \`wwdb validate${sum === null ? '' : ' --write-sum'}\`.`,
    `Apply it with \`wwdb migrate --target ${database.name}\`.`,
  ]
  return { result: { kind: 'files', created: [displayPath(root, path)], changed, next }, exitCode: exitCodes.done }
}

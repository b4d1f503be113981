import { resolve } from 'node:path'
import type { CommandResult, Context } from '../../command/context.ts'
import { defineCommand } from '../../command/define-command.ts'
import { dryRun } from '../../command/shared-flags.ts'
import { type DatabaseConfig, selectDatabases } from '../../config/config.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { ToolError } from '../../core/tool-error.ts'
import { displayPath } from '../../migrations/files/folder.ts'
import { refuseOthers, writeAdopted } from '../adopt/adopt-files.ts'
import { checkJournal, recordAdoption, undoAdoption } from '../adopt/adopt-journal.ts'
import type { AdoptTool } from '../adopt/contract.ts'
import { dialectNames } from '../adopt/dialects.ts'
import { type FileOptions, type PreparedAdoption, prepareBaseline, prepareFiles } from '../adopt/prepare-adoption.ts'
import { type HistoryOptions, readHistory } from '../adopt/read-history.ts'
import { adoptTools } from '../adopt/tools.ts'
import type { AdoptionResult } from './adopt-view.ts'

const toolNames = adoptTools.map(({ name }) => name)

/** `wwdb adopt`: takes over a database with the files and the history of another migration tool. */
export const command = defineCommand({
  name: 'adopt',
  group: 'Migrations',
  summary: 'take over the files and the history of another migration tool',
  purpose:
    'Converts the files of another tool to migrations of wwdb, and its history to journal entries, with their ' +
    'times and users. Migrations written as code become one baseline of the current schema. First compares the ' +
    'result of the applied files with the database, and stops if they differ. The table of the other tool stays ' +
    'as it is.',
  examples: [
    {
      command: 'wwdb adopt --from flyway --files db/migration -t user_db --dry-run',
      purpose: 'see what would be written, and what differs',
    },
    { command: 'wwdb adopt --from knex -t user_db', purpose: 'programs: what is in the database becomes a baseline' },
    {
      command: 'wwdb adopt --from files --files schema/versioned --applied-to 1.18 -t user_db',
      purpose: 'SQL in folders of versions, without a tool',
    },
    { command: 'wwdb adopt --undo -t user_db', purpose: 'take it back, before wwdb has run anything' },
  ],
  flags: {
    'What to take over': {
      from: { value: 'TOOL', description: 'the other tool', choices: toolNames },
      files: {
        value: 'PATH',
        type: 'directory',
        description: 'the folder with its files, or for Liquibase the file written by its `update-sql`',
      },
      match: {
        value: 'PATTERN',
        description: 'use only these files below the folder; `*` matches any characters: `*configdb*`',
      },
      dialect: {
        value: 'SERVER',
        description: 'the dialect whose files to use, if names or folders have several',
        choices: dialectNames,
        otherwise: 'mysql',
      },
      nothingApplied: {
        description: 'there is no history, because nothing ran in this database yet',
        conflicts: ['appliedTo', 'undo'],
      },
      appliedTo: {
        value: 'VERSION',
        description: 'with `--from files`: the version up to which its files ran',
        conflicts: ['undo'],
      },
      fromLive: {
        description:
          'with `--from files`: the current schema becomes the first migration, instead of the files that ran',
        conflicts: ['undo'],
      },
      fullFile: {
        value: 'PATH',
        type: 'file',
        description:
          'with `--from files`: the file that makes the whole schema, in place of the upgrades up to its version',
        conflicts: ['fromLive', 'undo'],
      },
      fullVersion: {
        value: 'VERSION',
        description: 'the version whose schema that file makes',
        otherwise: 'the newest of the files',
        conflicts: ['undo'],
      },
      historyTable: {
        value: 'TABLE',
        description: 'the table with its history, if it has another name',
        otherwise: "the tool's own",
      },
      undo: { description: 'undo an adoption: remove its files and journal entries', conflicts: ['from'] },
    },
    Safety: {
      acceptDrift: { description: 'adopt even though the result of the files differs from the database' },
      dryRun,
    },
  },
  exitCodes: [...exitCodesOf.locks, exitCodes.findings],
  interruption: 'after-statement',
  writes: true,
  connects: true,
  vtgate: true,
  async run(flags, context): Promise<CommandResult> {
    const { from, files, historyTable, undo, acceptDrift, dryRun: isDry } = flags
    const database = await chooseDatabase(context)
    if (undo) return undoAdoption(context, database, isDry)
    const tool = adoptTools.find(({ name }) => name === from)
    if (tool === undefined)
      throw new ToolError('USAGE', {
        what: 'Specify the other tool.',
        next: `Give \`--from\`, one of \`${toolNames.join('`, `')}\`.`,
      })
    const path = files === undefined ? null : resolve(context.process.cwd, files)
    if (tool.name !== 'files')
      refuseFlags({
        '--applied-to': flags.appliedTo !== undefined,
        '--from-live': flags.fromLive,
        '--full-file': flags.fullFile !== undefined,
      })
    if (flags.fullVersion !== undefined && flags.fullFile === undefined) throw noFullFile()
    const prepared = await prepare(context, database, tool, {
      path,
      match: flags.match ?? null,
      dialect: flags.dialect ?? null,
      fromLive: flags.fromLive,
      fullFile: flags.fullFile === undefined ? null : resolve(context.process.cwd, flags.fullFile),
      fullVersion: flags.fullVersion ?? null,
      table: historyTable ?? null,
      nothingApplied: flags.nothingApplied,
      appliedTo: flags.appliedTo ?? null,
    })
    await refuseOthers(database, prepared.files)
    await checkJournal(context, database, prepared)
    const differs = prepared.diff !== null || prepared.edited.length > 0
    if (differs && !acceptDrift) return answer(context, database, tool, prepared, 'differs', exitCodes.findings)
    if (isDry) return answer(context, database, tool, prepared, 'planned', exitCodes.done)
    const wrote = await writeAdopted(database, { tool: tool.name, tables: [...prepared.tables] }, prepared.files)
    const recorded = await recordAdoption(context, database, prepared)
    return answer(context, database, tool, prepared, wrote || recorded ? 'adopted' : 'present', exitCodes.done)
  },
})

/** A history belongs to one database. */
async function chooseDatabase(context: Context): Promise<DatabaseConfig> {
  const [database, ...others] = selectDatabases(await context.config(), context.targets)
  if (database !== undefined && others.length === 0) return database
  throw new ToolError('USAGE', {
    what: 'The history of another tool belongs to one database, but several are selected.',
    next: `Choose one: \`--target ${database?.name ?? 'NAME'}\`.`,
  })
}

/** Flags for projects without a tool. */
function refuseFlags(given: Readonly<Record<string, boolean>>): void {
  const [name] = Object.entries(given).find(([, isGiven]) => isGiven) ?? []
  if (name === undefined) return
  throw new ToolError('USAGE', {
    what: `\`${name}\` is only for \`--from files\`: the history of a tool shows what ran.`,
    next: 'Leave it out.',
  })
}

function noFullFile(): ToolError {
  return new ToolError('USAGE', {
    what: '`--full-version` is the version of a full file, and none is named.',
    next: 'Name it with `--full-file`.',
  })
}

async function prepare(
  context: Context,
  database: DatabaseConfig,
  tool: AdoptTool,
  { path, ...options }: HistoryOptions & Omit<FileOptions, 'path'> & { readonly path: string | null },
): Promise<PreparedAdoption> {
  if (tool.kind === 'sql' && path === null)
    throw new ToolError('USAGE', {
      what: `The migrations of ${tool.name} are SQL, but their folder is not given.`,
      next: 'Give it with `--files`.',
    })
  if (tool.kind === 'code' && options.nothingApplied)
    throw new ToolError('USAGE', {
      what: `The migrations of ${tool.name} are code: if none has run, there is nothing to take over.`,
      next: 'Start with `wwdb new`.',
    })
  const history = await readHistory(context, database, tool, options)
  if (tool.kind === 'code') return prepareBaseline(context, database, tool, history)
  return prepareFiles(context, database, tool, { ...options, path: path ?? '' }, history)
}

async function answer(
  context: Context,
  database: DatabaseConfig,
  tool: AdoptTool,
  { files, history, edited, diff, notes }: PreparedAdoption,
  state: AdoptionResult['state'],
  exitCode: CommandResult['exitCode'],
): Promise<CommandResult> {
  const { root } = await context.config()
  const folder = displayPath(root, database.migrations)
  const migrations = files.map(({ fileName, from, state: one }) => ({
    file: `${folder}/${fileName}`,
    from,
    state: one,
  }))
  const result: AdoptionResult = {
    kind: 'adoption',
    tool: tool.name,
    database: database.name,
    state,
    migrations,
    history,
    edited,
    diff,
    notes,
  }
  return { result, exitCode }
}

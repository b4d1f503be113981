import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CommandResult, Context } from '../../command/context.ts'
import { defineCommand } from '../../command/define-command.ts'
import { dryRun } from '../../command/shared-flags.ts'
import { type Config, selectDatabases } from '../../config/config.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { countOf } from '../../core/plural.ts'
import { ToolError } from '../../core/tool-error.ts'
import { migrationFolders } from '../../migrations/files/folder.ts'
import { squashedFolder } from '../../migrations/files/migration-name.ts'
import { readMigrations } from '../../migrations/files/read-migrations.ts'
import { planSquash, type SquashPart } from '../squash/plan-squash.ts'
import { proveSquash } from '../squash/prove-squash.ts'
import {
  type Disk,
  finishSquash,
  openDisk,
  readSquashFolder,
  type SquashFolder,
  shownPath,
  undoSquash,
  writeDrafts,
} from '../squash/squash-folder.ts'

/**
 * `wwdb squash`: one file for many, proven to give the same result. Writes files of the project, and nothing to a database except scratch
 * schemas.
 */
export const command = defineCommand({
  name: 'squash',
  group: 'Migrations',
  summary: 'replace the oldest migrations with one file',
  purpose:
    'Writes one file with the result of the migrations of each database up to VERSION, including rows. The old ' +
    'files and the new one are run in scratch schemas, followed by all later migrations, and compared before any ' +
    'file is changed. The old files move to a folder `squashed`: a database that ran some of them runs the others ' +
    'first, one that ran them all only records the new file, and a new database runs only the new file. Delete ' +
    'the folder when every database has VERSION; until then `--undo` reverts the squash.',
  examples: [
    { command: 'wwdb squash --to 20260101000000 --dry-run', purpose: 'the files as they would be written, proven' },
    { command: 'wwdb squash --to 20260101000000', purpose: 'write them' },
    { command: 'wwdb squash --undo', purpose: 'put the old files back' },
  ],
  flags: {
    'What to squash': {
      to: { value: 'VERSION', description: 'the last version that is squashed', conflicts: ['undo'] },
      undo: { description: 'restore the files that a squash moved', conflicts: ['to'] },
    },
    Safety: { dryRun: { ...dryRun, description: 'prove the squash and show the files, without writing them' } },
  },
  exitCodes: exitCodesOf.servers,
  interruption: 'at-once',
  writes: true,
  connects: true,
  vtgate: true,
  async run(options, context) {
    const config = await context.config()
    const folders = migrationFolders(config).map(readSquashFolder)
    const disk = openDisk(config.root)
    if (options.undo) return undo(context, config, chosenOf(config, context, folders), disk, options.dryRun)
    if (options.to === undefined)
      throw new ToolError('USAGE', {
        what: 'Specify the last version to squash.',
        next: 'Give `--to VERSION`, or `--undo`.',
      })
    const drafts = folders.filter(({ isDraft }) => isDraft)
    if (drafts.some(({ moved }) => moved.length > 0)) return finish(config, drafts, disk, options.dryRun)
    if (drafts.length > 0 && !options.dryRun) await undoSquash(drafts, config.root, disk)
    refuseSecond(chosenOf(config, context, folders), config)
    return squash(context, config, folders, options.to, disk, options.dryRun)
  },
})

function chosenOf(config: Config, { targets }: Context, folders: readonly SquashFolder[]): readonly SquashFolder[] {
  const chosen = new Set(selectDatabases(config, targets).map(({ name }) => name))
  return folders.filter(({ name }) => chosen.has(name))
}

/** The old files of two squashes in one folder would be two histories of one version. */
function refuseSecond(folders: readonly SquashFolder[], { root }: Config): void {
  const faults = folders
    .filter(({ isDraft, moved }) => !isDraft && moved.length > 0)
    .map(({ name, directory, squashed, file }) => ({
      what: `\`${name}\` still has the files of an earlier squash.`,
      where: { database: name, file: shownPath(root, squashed) },
      next: `Delete the folder once every database has ${shownPath(root, directory, file ?? '')}, or revert that squash with \`wwdb squash --undo\`.`,
    }))
  if (faults.length > 0) throw new ToolError('SQUASH_REFUSED', faults)
}

async function squash(
  context: Context,
  config: Config,
  folders: readonly SquashFolder[],
  to: string,
  disk: Disk,
  isDry: boolean,
): Promise<CommandResult> {
  const names = chosenOf(config, context, folders).map(({ name }) => name)
  const { migrations } = await readMigrations({
    root: config.root,
    databases: migrationFolders(config),
    chosen: new Set(names),
  })
  const plan = planSquash(migrations, names, to)
  if (plan.parts.length === 0)
    throw new ToolError('SQUASH_REFUSED', {
      what: `No database has more than one migration up to ${to}.`,
      next: 'Choose a later version for `--to`; `wwdb status` lists them.',
    })
  await refuseNeighbors(plan.parts, config)
  const files = await proveSquash(context, config, plan)
  const created = files.map(({ database, file }) => pathIn(config, folders, database, file))
  if (isDry) {
    const content = files.map(({ text }, index) => `-- ${created[index] ?? ''}\n${text}`).join('\n')
    return { result: { kind: 'document', format: 'text', content }, exitCode: exitCodes.done }
  }
  const each = plan.parts.map((part) => `${countOf(part.files.length, 'file')} of ${part.database}`)
  await context.confirm({
    what: `This moves ${each.join(', ')} to the folder \`${squashedFolder}\` and replaces them with one file.`,
    level: 'moderate',
    name: plan.parts.map(({ database }) => database).join(' '),
  })
  await writeDrafts(folders, files, disk)
  await finishSquash(
    migrationFolders(config)
      .map(readSquashFolder)
      .filter(({ isDraft }) => isDraft),
    config.root,
    disk,
  )
  return written(created)
}

function pathIn({ root }: Config, folders: readonly SquashFolder[], database: string, file: string): string {
  return shownPath(root, folders.find(({ name }) => name === database)?.directory ?? '', file)
}

function written(created: readonly string[]): CommandResult {
  const next = [
    `Commit them with the folders \`${squashedFolder}\`.`,
    '`wwdb migrate` brings every database to the squashed file.',
    `Delete the folders \`${squashedFolder}\` when all databases have it; until then \`wwdb squash --undo\` restores the old files.`,
  ]
  return { result: { kind: 'files', created, changed: [], next }, exitCode: exitCodes.done }
}

/** A module that is moved can no longer find its relative imports. */
async function refuseNeighbors(parts: readonly SquashPart[], { root }: Config): Promise<void> {
  const modules = parts.flatMap(({ files }) => files.filter(({ kind }) => kind === 'data'))
  const texts = await Promise.all(modules.map(({ file }) => readFile(join(root, file), 'utf8')))
  const faults = modules
    .filter((_, index) => /(?:\bfrom|\bimport|\brequire)\s*\(?\s*['"]\.{1,2}\//.test(texts[index] ?? ''))
    .map(({ file, database }) => ({
      what: `\`${file}\` imports another file by a relative path.`,
      where: { file, database },
      why: `The relative path does not resolve in \`${squashedFolder}\`, so databases that are behind could not run it.`,
      next: 'Choose a version for `--to` before it.',
    }))
  if (faults.length > 0) throw new ToolError('SQUASH_REFUSED', faults)
}

async function finish(
  config: Config,
  drafts: readonly SquashFolder[],
  disk: Disk,
  isDry: boolean,
): Promise<CommandResult> {
  const created = drafts.map(({ directory, file }) => shownPath(config.root, directory, file ?? ''))
  if (isDry) return describe('A squash was interrupted; it would be finished', created)
  await finishSquash(drafts, config.root, disk)
  return written(created)
}

function describe(what: string, files: readonly string[]): CommandResult {
  const content = `${what}:\n${files.map((file) => `  ${file}\n`).join('')}`
  return { result: { kind: 'document', format: 'text', content }, exitCode: exitCodes.done }
}

async function undo(
  context: Context,
  config: Config,
  chosen: readonly SquashFolder[],
  disk: Disk,
  isDry: boolean,
): Promise<CommandResult> {
  const folders = chosen.filter(({ isDraft, moved }) => isDraft || moved.length > 0)
  if (folders.length === 0)
    throw new ToolError('SQUASH_REFUSED', {
      what: 'There is no squash to undo.',
      why: `No database has a folder \`${squashedFolder}\` with old files.`,
      next: 'If the folder was deleted, restore it from version control.',
    })
  const back = folders.flatMap(({ directory, moved }) => moved.map((name) => shownPath(config.root, directory, name)))
  if (isDry) return describe('These files would be restored', back)
  await context.confirm({
    what: `This restores ${countOf(back.length, 'file')} and removes ${countOf(folders.length, 'squashed file')}.`,
    level: 'moderate',
    name: folders.map(({ name }) => name).join(' '),
  })
  await undoSquash(folders, config.root, disk)
  const next = ['A database created by the squashed file has its version as a baseline: it runs none of these files.']
  return { result: { kind: 'files', created: back, changed: [], next }, exitCode: exitCodes.done }
}

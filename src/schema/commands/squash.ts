import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Config, selectDatabases } from '../../config/config.ts'
import { defineCommand } from '../../core/command.ts'
import type { CommandResult, Context } from '../../core/context.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { countOf } from '../../core/plural.ts'
import { dryRun } from '../../core/shared-flags.ts'
import { ToolError } from '../../core/tool-error.ts'
import { migrationFolders } from '../../migrations/files/folder.ts'
import { squashedFolder } from '../../migrations/files/migration-name.ts'
import { readMigrations } from '../../migrations/files/read-migrations.ts'
import { planSquash, type SquashPart } from '../squash/plan-squash.ts'
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
import { proveSquash } from './prove-squash.ts'

/** `wwdb squash`: one file for many, proven to make the same. Writes files of the project, and nothing to a database but scratch schemas. */
export const command = defineCommand({
  name: 'squash',
  group: 'Migrations',
  summary: 'make one file of the oldest migrations',
  purpose:
    'Makes one file of the migrations of each database up to VERSION: what they make, and the rows that they leave. Both are run in scratch ' +
    'schemas, with all later migrations behind them, and compared before a file is touched. The old files move to the folder `squashed` beside: a database that has run some of them runs ' +
    'the others first, one that has run them all has the new file recorded, and a fresh one runs the new file alone. Delete the folder when every ' +
    'database has VERSION; until then `--undo` takes the squash back.',
  examples: [
    { command: 'wwdb squash --to 20260101000000 --dry-run', purpose: 'the files as they would be written, proven' },
    { command: 'wwdb squash --to 20260101000000', purpose: 'write them' },
    { command: 'wwdb squash --undo', purpose: 'put the old files back' },
  ],
  flags: {
    'What to squash': {
      to: { value: 'VERSION', description: 'the last version that is squashed', conflicts: ['undo'] },
      undo: { description: 'put the files back that a squash moved', conflicts: ['to'] },
    },
    Safety: { dryRun: { ...dryRun, description: 'prove it and show the files, write none' } },
  },
  exitCodes: exitCodesOf.servers,
  interruption: 'at-once',
  writes: true,
  connects: true,
  async run(options, context) {
    const config = await context.config()
    const folders = migrationFolders(config).map(readSquashFolder)
    const disk = openDisk(config.root)
    if (options.undo) return undo(context, config, chosenOf(config, context, folders), disk, options.dryRun)
    if (options.to === undefined)
      throw new ToolError('USAGE', { what: 'squash needs to know how far.', next: 'Give `--to VERSION`, or `--undo`.' })
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
      what: `\`${name}\` has the files of an earlier squash still beside it.`,
      where: { database: name, file: shownPath(root, squashed) },
      next: `Delete the folder once every database has ${shownPath(root, directory, file ?? '')}, or take that squash back with \`wwdb squash --undo\`.`,
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
    what: `This moves ${each.join(', ')} to the folder \`${squashedFolder}\` and writes one in their place.`,
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
    `Delete the folders \`${squashedFolder}\` when all have it; \`wwdb squash --undo\` puts the old files back until then.`,
  ]
  return { result: { kind: 'files', created, changed: [], next }, exitCode: exitCodes.done }
}

/** A module that is moved no longer finds what it imports by a relative path. */
async function refuseNeighbors(parts: readonly SquashPart[], { root }: Config): Promise<void> {
  const modules = parts.flatMap(({ files }) => files.filter(({ kind }) => kind === 'data'))
  const texts = await Promise.all(modules.map(({ file }) => readFile(join(root, file), 'utf8')))
  const faults = modules
    .filter((_, index) => /(?:\bfrom|\bimport|\brequire)\s*\(?\s*['"]\.{1,2}\//.test(texts[index] ?? ''))
    .map(({ file, database }) => ({
      what: `\`${file}\` imports another file by a relative path.`,
      where: { file, database },
      why: `In the folder \`${squashedFolder}\` the path leads elsewhere, and databases that lag would not run it.`,
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
  if (isDry) return describe('A squash was stopped; it would be finished', created)
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
      what: 'There is no squash to take back.',
      why: `No database has a folder \`${squashedFolder}\` with old files.`,
      next: 'Bring the folder back from the history of the repository where it was deleted.',
    })
  const back = folders.flatMap(({ directory, moved }) => moved.map((name) => shownPath(config.root, directory, name)))
  if (isDry) return describe('These files would be put back', back)
  await context.confirm({
    what: `This puts ${countOf(back.length, 'file')} back and removes ${countOf(folders.length, 'squashed file')}.`,
    level: 'moderate',
    name: folders.map(({ name }) => name).join(' '),
  })
  await undoSquash(folders, config.root, disk)
  const next = ['A database that the squashed file made counts its version as a baseline: it runs none of these files.']
  return { result: { kind: 'files', created: back, changed: [], next }, exitCode: exitCodes.done }
}

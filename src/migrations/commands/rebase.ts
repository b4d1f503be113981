import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Config, type DatabaseConfig, selectDatabases } from '../../config/config.ts'
import { loadConfig } from '../../config/load.ts'
import { defineCommand } from '../../core/command.ts'
import type { Context } from '../../core/context.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { dryRun } from '../../core/shared-flags.ts'
import { type Fault, ToolError } from '../../core/tool-error.ts'
import { compareVersions } from '../../core/version.ts'
import { checksumOf, normalizeText } from '../../files/checksum.ts'
import { displayPath, listFolder, type MigrationEntry } from '../files/folder.ts'
import { isFault } from '../files/migration-name.ts'
import { planRebase, type RanSomewhere, type Renaming, renameRequired } from '../files/plan-rebase.ts'
import { readSumFile, writeSumFile } from '../files/sum.ts'
import { type JournalState, ranNothing, readStates } from '../journal/journal.ts'
import { isMissing } from '../unreached.ts'

/** `wwdb rebase`: gives files of a branch that sort before applied ones new versions. Writes files of the project, and nothing to a database. */
export const command = defineCommand({
  name: 'rebase',
  group: 'Migrations',
  summary: 'give pending files that sort before applied ones new versions',
  purpose:
    'Renames migrations that ran nowhere so that they sort after everything that ran, in their order; headers `requires` that name them and wwdb.sum ' +
    'follow. The journals of all environments of the configuration are read first: a file that ran in any of them keeps its version.',
  examples: [
    { command: 'wwdb rebase --dry-run', purpose: 'after a merge: what would be renamed' },
    { command: 'wwdb rebase', purpose: 'rename them' },
  ],
  flags: {
    'Where to look': {
      skipUnreached: {
        description: 'continue without environments that cannot be reached, which may have run the files',
      },
    },
    Safety: { dryRun: { ...dryRun, description: 'show the new names, rename nothing' } },
  },
  exitCodes: exitCodesOf.servers,
  interruption: 'at-once',
  writes: true,
  connects: true,
  async run(options, context) {
    const config = await context.config()
    const journals = await readJournals(context, config, options.skipUnreached ?? false)
    const chosen = selectDatabases(config, context.targets)
    const entries = new Map(config.databases.map((one) => [one.name, listEntries(one, config.root)]))
    const renamings = chosen.flatMap(({ name }) => {
      const states = journals.filter(({ database }) => database === name)
      return planRebase(
        entries.get(name) ?? [],
        summarize(states),
        (...file) => findLate(states, ...file),
        new Date(context.now()),
      )
    })
    const created = renamings.map(({ entry, fileName }) => entry.file.replace(entry.name.fileName, fileName))
    if (options.dryRun) {
      const lines = renamings.map(({ entry }, index) => `${entry.file} -> ${created[index] ?? ''}\n`)
      const content = lines.length === 0 ? 'No pending file sorts before an applied one.\n' : lines.join('')
      return { result: { kind: 'document', format: 'text', content }, exitCode: exitCodes.done }
    }
    const changed = rename(config, entries, renamings)
    const next =
      renamings.length === 0 ? ['No pending file sorts before an applied one.'] : ['Commit the renamed files.']
    return { result: { kind: 'files', created, changed, next }, exitCode: exitCodes.done }
  },
})

function listEntries(database: DatabaseConfig, root: string): readonly MigrationEntry[] {
  const { entries, faults } = listFolder({ name: database.name, directory: database.migrations }, root)
  if (faults.length > 0) throw new ToolError('MIGRATIONS_INVALID', faults)
  return entries
}

/** One journal of one environment. */
interface ReadJournal {
  readonly environment: string
  readonly database: string
  readonly state: JournalState
}

/** Throws ToolError `REBASE_REFUSED` with every environment that was not reached, unless those are to be skipped; then each is a warning. */
async function readJournals(context: Context, config: Config, skips: boolean): Promise<readonly ReadJournal[]> {
  const journals: ReadJournal[] = []
  const faults: Fault[] = []
  for (const name of new Set([config.environment, ...(config.environments ?? [])])) {
    const environment = name ?? 'the configuration without an environment'
    try {
      const own = name === config.environment ? config : await configOf(context, config, name)
      for (const database of own.databases) {
        const state = await readJournal(context, own, database)
        if (state !== null) journals.push({ environment, database: database.name, state })
      }
    } catch (error) {
      if (!(error instanceof ToolError)) throw error
      faults.push({
        what: `The journals of ${environment} could not be read.`,
        why: error.faults[0]?.what ?? error.message,
        next: 'Make it reachable, or give `--skip-unreached` where the files certainly did not run there.',
      })
    }
  }
  if (faults.length > 0 && !skips) throw new ToolError('REBASE_REFUSED', faults)
  for (const { what, why } of faults)
    context.emit({ type: 'warning', message: [what, ...(why === undefined ? [] : [why])].join(' '), target: null })
  return journals
}

function configOf(context: Context, { file }: Config, environmentName: string | null): Promise<Config> {
  const { cwd, variables } = context.process
  return loadConfig({ cwd, file, environmentName, flags: {}, environment: variables })
}

/** Null where the schema does not exist: nothing ran there. */
async function readJournal(
  context: Context,
  { timeouts }: Config,
  database: DatabaseConfig,
): Promise<JournalState | null> {
  const servers = await context.mysql.servers()
  try {
    const session = await servers.open(database, timeouts, false)
    try {
      return readStates(await session.readJournal())
    } finally {
      await session.close()
    }
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

function hasRun({ state }: ReadJournal, version: string, name: string): boolean {
  const own = [...state.states].find(([one]) => !one.startsWith('R__') && compareVersions(one, version) === 0)?.[1]
  if (own !== undefined) return own.type !== 'pending' && !ranNothing(own) && own.pass.name === name
  return state.baseline !== null && compareVersions(version, state.baseline) <= 0
}

function summarize(journals: readonly ReadJournal[]): RanSomewhere {
  const highest =
    journals
      .flatMap(({ state }) => state.highest ?? [])
      .toSorted(compareVersions)
      .at(-1) ?? null
  const whereRan = (version: string, name: string): string | null =>
    journals.find((journal) => hasRun(journal, version, name))?.environment ?? null
  return { highest, whereRan }
}

/** An environment in which the file did not run and a later one did. */
function findLate(journals: readonly ReadJournal[], version: string, name: string): string | null {
  const late = journals.find(
    (journal) =>
      !hasRun(journal, version, name) &&
      !journal.state.states.has(version) &&
      journal.state.highest !== null &&
      compareVersions(version, journal.state.highest) < 0,
  )
  return late?.environment ?? null
}

/** The last file first: so no new name is that of a file which is still to be renamed. Returns what else was changed. */
function rename(
  { root, databases }: Config,
  entries: ReadonlyMap<string, readonly MigrationEntry[]>,
  renamings: readonly Renaming[],
): readonly string[] {
  const versions = new Map(
    renamings.map(({ entry, version }) => [`${entry.database}/${entry.name.version}`, `${entry.database}/${version}`]),
  )
  const changed: string[] = []
  const paths = new Map<MigrationEntry, string>()
  for (const { entry, fileName } of renamings.toReversed()) {
    const path = join(entry.path, '..', fileName)
    renameSync(entry.path, path)
    paths.set(entry, path)
  }
  const edited = new Map<string, Set<string>>()
  // Only files that ran nowhere can require one of these, so that no applied file changes.
  for (const entry of versions.size === 0 ? [] : [...entries.values()].flat()) {
    const path = paths.get(entry) ?? entry.path
    const text = readFileSync(path, 'utf8')
    const renamed = renameRequired(text, versions)
    if (renamed === text && !paths.has(entry)) continue
    if (renamed !== text) writeFileSync(path, renamed)
    if (renamed !== text && !paths.has(entry)) changed.push(displayPath(root, path))
    edited.set(entry.database, (edited.get(entry.database) ?? new Set()).add(path))
  }
  for (const { name, migrations: directory } of databases) {
    const sum = edited.has(name) ? readSumFile(directory, root) : null
    if (sum === null) continue
    if (isFault(sum)) throw new ToolError('SUM_INVALID', sum)
    const old = new Set(
      renamings
        .map(({ entry }) => entry)
        .filter(({ database }) => database === name)
        .map((one) => one.name.fileName),
    )
    const checksums = new Map([...sum.checksums].filter(([fileName]) => !old.has(fileName)))
    for (const path of edited.get(name) ?? [])
      checksums.set(path.slice(directory.length + 1), checksumOf(normalizeText(readFileSync(path, 'utf8'))))
    changed.push(writeSumFile(directory, root, checksums))
  }
  return changed
}

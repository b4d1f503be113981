import type { Context } from '../../command/context.ts'
import { defineCommand } from '../../command/define-command.ts'
import { dryRun } from '../../command/shared-flags.ts'
import { type Config, type DatabaseConfig, selectDatabases } from '../../config/config.ts'
import { loadConfig } from '../../config/load.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { type Fault, ToolError } from '../../core/tool-error.ts'
import { compareVersions } from '../../core/version.ts'
import { carryOutRebase, describeRebase, planRebaseChanges, readStoppedRebase } from '../files/carry-out-rebase.ts'
import { listFolder, type MigrationEntry, migrationFolders } from '../files/folder.ts'
import { planRebase, type RanSomewhere, type Renaming } from '../files/plan-rebase.ts'
import { type JournalState, ranNothing } from '../journal/journal.ts'
import { readAllJournals } from '../many/read-all-journals.ts'

/** `wwdb rebase`: gives a branch's files that sort before applied ones new versions. Writes files of the project, and nothing to a database. */
export const command = defineCommand({
  name: 'rebase',
  group: 'Migrations',
  summary: 'give new versions to pending files that sort before applied ones',
  purpose:
    'Renames migrations that have not run anywhere so that they sort after everything that ran, in the same ' +
    'order, and updates wwdb.sum and the `requires` headers that name them. The journals of all environments of the configuration are read first: a file that ran in any of them keeps its version. ' +
    'The next rebase finishes one that was interrupted.',
  examples: [
    { command: 'wwdb rebase --dry-run', purpose: 'after a merge: what would be renamed' },
    { command: 'wwdb rebase', purpose: 'rename them' },
  ],
  flags: {
    'Where to look': {
      skipUnreached: {
        description: 'continue without environments that cannot be reached, although they may have run the files',
      },
    },
    Safety: { dryRun: { ...dryRun, description: 'show the new names, without renaming anything' } },
  },
  exitCodes: exitCodesOf.servers,
  interruption: 'at-once',
  writes: true,
  connects: true,
  vtgate: true,
  manyTargets: true,
  async run(options, context) {
    const config = await context.config()
    const { root } = config
    refusePicked(config)
    const stopped = readStoppedRebase(root)
    const renamings = stopped === null ? await findRenamings(context, config, options.skipUnreached ?? false) : []
    const entries = stopped === null ? config.databases.flatMap((one) => listEntries(one, root)) : []
    const changes = stopped ?? planRebaseChanges(root, migrationFolders(config), entries, renamings)
    const { created, changed } = describeRebase(root, changes)
    if (options.dryRun) {
      const lines = changes.renames
        .map(({ from }, index) => `${from} -> ${created.at(-1 - index) ?? ''}\n`)
        .toReversed()
      const head = stopped === null ? '' : 'A rebase was interrupted; it would be finished:\n'
      const content = lines.length === 0 ? 'No pending file sorts before an applied one.\n' : head + lines.join('')
      return { result: { kind: 'document', format: 'text', content }, exitCode: exitCodes.done }
    }
    carryOutRebase(root, changes)
    const next = created.length === 0 ? ['No pending file sorts before an applied one.'] : ['Commit the renamed files.']
    return { result: { kind: 'files', created, changed, next }, exitCode: exitCodes.done }
  },
})

/** The files are those of all targets, whichever of them is named. */
function refusePicked({ databases }: Config): void {
  const picked = databases.find(({ label }) => label !== undefined)
  if (picked === undefined) return
  throw new ToolError('TARGETS_MANY', {
    what: `\`${picked.label}\` is one target, and its files are those of all targets of \`${picked.name}\`.`,
    next: `Run \`wwdb rebase\` without that target: it reads the journals of all of them.`,
  })
}

/** The new versions, based on the journals of all environments. */
async function findRenamings(context: Context, config: Config, skips: boolean): Promise<readonly Renaming[]> {
  const journals = await readJournals(context, config, skips)
  return selectDatabases(config, context.targets).flatMap((database) => {
    const states = journals.filter((one) => one.database === database.name)
    return planRebase(
      listEntries(database, config.root),
      summarize(states),
      (...file) => findLate(states, ...file),
      new Date(context.now()),
    )
  })
}

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

/** Throws ToolError `REBASE_REFUSED` with every environment that was not reached, unless those are skipped; then each is a warning. */
async function readJournals(context: Context, config: Config, skips: boolean): Promise<readonly ReadJournal[]> {
  const journals: ReadJournal[] = []
  const faults: Fault[] = []
  for (const name of new Set([config.environment, ...(config.environments ?? [])])) {
    const environment = name ?? 'the configuration without an environment'
    try {
      const own = name === config.environment ? config : await configOf(context, config, name)
      for (const database of own.databases) {
        const states = await readAllJournals(context, own, database)
        journals.push(...states.map((state) => ({ environment, database: database.name, state })))
      }
    } catch (error) {
      if (!(error instanceof ToolError)) throw error
      faults.push({
        what: `The journals of ${environment} could not be read.`,
        why: error.faults[0]?.what ?? error.message,
        next: `${error.faults[0]?.next ?? 'Make the server reachable.'} Or give \`--skip-unreached\` if the files certainly did not run there.`,
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

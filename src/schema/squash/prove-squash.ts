import { mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Context } from '../../command/context.ts'
import type { Config } from '../../config/config.ts'
import { type Fault, ToolError } from '../../core/tool-error.ts'
import type { Migration } from '../../migrations/migration.ts'
import { refuseHidden } from '../hidden.ts'
import { type ReplayedSchema, replaySteps } from '../sources/replay.ts'
import type { SquashPart, SquashPlan } from './plan-squash.ts'
import type { SquashFile } from './squash-folder.ts'
import { compareRowsOf, type RowComparison } from './volatile-rows.ts'
import { findDifferences, squashName, writeSquash } from './write-squash.ts'

/**
 * Runs the old files and the new ones in scratch schemas, and all later ones after both. Throws ToolError `SQUASH_DIFFERS` with all differences.
 */
export async function proveSquash(context: Context, config: Config, plan: SquashPlan): Promise<readonly SquashFile[]> {
  const { parts } = plan
  const dropsKeys = parts.some(({ files }) => files.some(mayDropKeys))
  const [before = [], last = []] = await replaySteps(context, config, [plan.before, null], dropsKeys)
  refuseHidden(before)
  const files = parts.flatMap((part): readonly SquashFile[] => {
    const outcome = before.find(({ database }) => database.name === part.database)
    return outcome === undefined
      ? []
      : [{ database: part.database, file: squashName(part), text: writeSquash(part, outcome, parts) }]
  })
  const folder = await mkdtemp(join(tmpdir(), 'wwdb-squash-'))
  try {
    const staged = await stage(config, parts, files, folder)
    const [after = [], afterAll = []] = await replaySteps(context, staged, [plan.after, null], dropsKeys).catch(
      (error: unknown) => explainFailure(error, files),
    )
    const squashed = new Set(parts.map(({ database }) => database))
    const faults = [
      ...comparePairs(before, after, 'after the squash', ({ database }) =>
        squashed.has(database.name) ? () => exact : () => counted,
      ),
      ...comparePairs(last, afterAll, 'after the squash and all later migrations', ({ database, snapshot }) =>
        compareRowsOf(plan.others.get(database.name) ?? [], snapshot),
      ),
    ]
    if (faults.length > 0) throw new ToolError('SQUASH_DIFFERS', faults)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  return files
}

const exact: RowComparison = { type: 'exact' }
const counted: RowComparison = { type: 'count' }

function comparePairs(
  before: readonly ReplayedSchema[],
  after: readonly ReplayedSchema[],
  when: string,
  comparisonOf: (schema: ReplayedSchema) => (table: string) => RowComparison,
): readonly Fault[] {
  return before.flatMap((one) => {
    const { name } = one.database
    const other = after.find(({ database }) => database.name === name)
    return other === undefined ? [] : findDifferences(one, other, when, comparisonOf(one))
  })
}

/** Whether a file may leave an index that MySQL created for a foreign key which was dropped. */
function mayDropKeys({ up }: Migration): boolean {
  return up.type !== 'statements' || up.statements.some(({ text }) => /\bDROP\s+(?:FOREIGN|CONSTRAINT)\b/i.test(text))
}

/** The project's folders after the squash, in another place. */
async function stage(
  config: Config,
  parts: readonly SquashPart[],
  files: readonly SquashFile[],
  folder: string,
): Promise<Config> {
  const databases = await Promise.all(
    config.databases.map(async (database) => {
      const part = parts.find((one) => one.database === database.name)
      const file = files.find((one) => one.database === database.name)
      if (part === undefined || file === undefined) return database
      const own = await mkdtemp(join(folder, `${database.name}-`))
      const gone = new Set(part.files.map((one) => one.file.slice(one.file.lastIndexOf('/') + 1)))
      const kept = (await readdir(database.migrations)).filter(
        (name) => /\.(?:sql|ts|js|mjs)$/.test(name) && !gone.has(name),
      )
      for (const name of kept) await symlink(join(database.migrations, name), join(own, name))
      await writeFile(join(own, file.file), file.text)
      return { ...database, migrations: own }
    }),
  )
  return { ...config, databases }
}

/**
 * Files that alternated between two databases cannot become two files, one after the other; and a failing statement of a squashed file is not a fault
 * that its reader could correct.
 */
function explainFailure(error: unknown, files: readonly SquashFile[]): never {
  if (!(error instanceof ToolError)) throw error
  if (error.code === 'MIGRATIONS_INVALID') {
    const faults = error.faults.map(({ what }) => ({
      what: 'The squashed files depend on each other in a circle.',
      why: what,
      next: 'Choose a version for `--to` before the circular reference between the databases, or squash one of them with `--target`.',
    }))
    throw new ToolError('SQUASH_REFUSED', faults, { cause: error })
  }
  const own = error.faults.flatMap(({ what, why, where }) => {
    const file = files.find((one) => where?.file?.endsWith(`/${one.file}`) === true)
    if (file === undefined) return []
    const [first = ''] = file.text.split('\n').slice((where?.line ?? 1) - 1)
    return [
      {
        what: `The result of the old files of \`${file.database}\` cannot be written as one file: its statement \`${first}\` fails.`,
        where: { database: file.database },
        why: why ?? what,
        next: 'Change the object with a migration before the last squashed one, or choose a version for `--to` before it was created. The files were not changed.',
      },
    ]
  })
  if (own.length === 0) throw error
  throw new ToolError('SQUASH_REFUSED', own, { cause: error })
}

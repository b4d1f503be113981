import { migrationLabel } from '../../core/migration-label.ts'
import { isCalled, type ShardFamily } from '../../core/shard-family.ts'
import type { Target } from '../../core/target.ts'
import { ToolError } from '../../core/tool-error.ts'
import { assignPasses } from '../../migrations/execute/resume.ts'
import type { StepRun } from '../../migrations/execute/work.ts'
import { readStates } from '../../migrations/journal/journal.ts'
import type { Migration, Script } from '../../migrations/migration.ts'
import { renderShardStatement, type ShardNames } from '../../migrations/plan/shard-names.ts'
import type { Step } from '../../migrations/plan.ts'
import { contradicted, findContradictions } from '../contradictions.ts'
import { namesOfStanding } from '../partitions/whole-tables.ts'
import type { LiveTable } from '../ports.ts'
import { namingOf } from '../render-shard.ts'
import type { Registry, ShardRecord } from '../shard.ts'
import type { LedgerSnapshot, TemplateChange } from './ports.ts'
import type { VersionDecision } from './template-version.ts'

/**
 * Refuses tables that are named like shards but are missing from the registry: the change would skip them. Also refuses shards that are recorded under
 * another family, or do not match the header, for the same reason. Throws ToolError `SHARD_UNKNOWN`, `FAMILY_RENAMED`, `FAMILY_HEADER_CHANGED`.
 */
export function refuseUnknown(
  family: ShardFamily,
  families: readonly ShardFamily[],
  target: Target,
  { registry, live }: { readonly registry: Registry; readonly live: readonly LiveTable[] },
): void {
  refuseContradicted(family, families, target, { registry, live })
  const known = new Set(registry.shards.filter((one) => one.family === family.name).map((one) => one.table))
  const naming = namingOf(family)
  const unknown = live
    .filter(({ name, type }) => type === 'table' && !known.has(name) && naming.parse(name) !== null)
    .map(({ name }) => name)
  if (unknown.length === 0) return
  const shown = unknown.slice(0, 3).join(', ')
  throw new ToolError('SHARD_UNKNOWN', {
    what: `${unknown.length === 1 ? 'One table is' : `${unknown.length} tables are`} named like shards of \`${family.name}\`, but not in the registry: ${shown}${unknown.length > 3 ? ' and others' : ''}.`,
    where: { database: family.database },
    why: 'A change that runs on every shard would skip them.',
    next: 'Add them to the registry with `wwdb shards adopt`, or rename them.',
  })
}

function refuseContradicted(
  family: ShardFamily,
  families: readonly ShardFamily[],
  target: Target,
  { registry, live }: { readonly registry: Registry; readonly live: readonly LiveTable[] },
): void {
  const tables = new Map(live.map(({ name, type }) => [name, type]))
  const one = { family, target, naming: namingOf(family), tables, census: null }
  const own = families.filter(({ database }) => database === family.database)
  const found = findContradictions(one, registry, own)
  const error = contradicted(found.filter(({ kind }) => kind === 'renamed' || kind === 'header'))
  if (error !== null) throw error
}

export interface SelectionRequest {
  readonly family: ShardFamily
  readonly families: readonly ShardFamily[]
  readonly standing: readonly ShardRecord[]
  readonly tables: ReadonlySet<string>
  readonly migration: Migration
  readonly direction: 'up' | 'down'
  readonly decision: Pick<VersionDecision, 'to' | 'forward'>
  /** All changes of the family's template, including those of this run. */
  readonly changes: readonly TemplateChange[]
  /** Every migration of the database that has a file. */
  readonly migrations: readonly Migration[]
}

export interface Selection {
  /** In the order of the registry: oldest period, lowest key first. */
  readonly work: readonly ShardWork[]
  /** Shards that already have that version. */
  readonly done: number
  /** Tables that the registry has but the server does not. */
  readonly absent: readonly string[]
}

/** The shards that a fan-out changes, each with what it lacks: a shard that was away also lacks earlier changes. Pure. */
export function selectShards(request: SelectionRequest): Selection {
  const { standing, tables, decision, family, families } = request
  const concerned = standing.filter((shard) =>
    decision.forward ? shard.templateVersion < decision.to : shard.templateVersion > decision.to,
  )
  const present = concerned.filter((shard) => tables.has(shard.table))
  return {
    work: present.map((shard) => ({
      shard,
      names: namesOfStanding(family, families, shard),
      changes: changesOf(request, shard),
    })),
    done: standing.length - concerned.length,
    absent: concerned.filter((shard) => !tables.has(shard.table)).map((shard) => shard.table),
  }
}

function changesOf(request: SelectionRequest, shard: ShardRecord): readonly ShardChange[] {
  const { migration, direction, decision } = request
  if (!decision.forward) return [{ migration, direction, to: decision.to }]
  return request.changes
    .filter((change) => change.version > shard.templateVersion && change.version <= decision.to)
    .sort((a, b) => a.version - b.version)
    .map((change) => ({ migration: findMigration(request, change), direction: change.direction, to: change.version }))
}

function findMigration({ migrations, family }: SelectionRequest, change: TemplateChange): Migration {
  const found = migrations.find((one) => one.version === change.migration)
  if (
    found?.shards !== undefined &&
    isCalled(family, found.shards) &&
    (change.direction === 'up' || found.down !== null)
  )
    return found
  const what =
    found === undefined
      ? `The migration \`${change.migration}\`, which gave the template of \`${family.name}\` version ${change.version}, no longer has a file`
      : `\`${migrationLabel(found)}\` no longer contains the change that gave the template of \`${family.name}\` version ${change.version}`
  throw new ToolError('MIGRATION_MISSING', {
    what,
    where: { database: family.database },
    why: 'A shard that was on hold then still lacks the change.',
    next: 'Restore the file as it was (another branch may have it).',
  })
}

/** One migration in one direction, as a shard needs it. */
interface ShardChange {
  readonly migration: Migration
  readonly direction: 'up' | 'down'
  /** The version that a shard has after it. */
  readonly to: number
}

/** The migrations that one shard runs. */
export interface ShardWork {
  readonly shard: ShardRecord
  readonly names: ShardNames
  /** In order; a shard that was away may lack several. */
  readonly changes: readonly ShardChange[]
}

/** A shard with its remaining passes; none where only the registry is behind. */
export interface ShardRun {
  readonly shard: ShardRecord
  readonly to: number
  readonly runs: readonly StepRun[]
}

/** The name of a migration on a shard in a ledger's pass. */
function ledgerVersion(migration: string, key: string): string {
  return `${migration}/${key}`
}

function renderScript(script: Script | null, names: ShardNames, instant: boolean): Script {
  if (script?.type !== 'statements') throw new Error('a fan-out without statements: sources should have refused it')
  return { type: 'statements', statements: script.statements.map((one) => renderShardStatement(one, names, instant)) }
}

function makeStep({ shard, names }: ShardWork, { migration, direction }: ShardChange, instant: boolean): Step {
  const script = renderScript(direction === 'up' ? migration.up : migration.down, names, instant)
  const { database, file, checksum, accepted } = migration
  return {
    type: direction === 'up' ? 'apply' : 'revert',
    migration: {
      database,
      version: ledgerVersion(migration.version, shard.key),
      name: shard.table,
      kind: 'versioned',
      file,
      checksum,
      requires: [],
      conditions: [],
      accepted,
      up: script,
      down: script,
    },
    from: 0,
    total: script.type === 'statements' ? script.statements.length : 0,
    hazards: [],
    algorithms: new Map(),
    after: [],
  }
}

/**
 * Gives every shard its passes in the ledger, continuing those that stopped. What the ledger records as done is left out: a run was killed before it wrote the registry. Throws ToolError `STATEMENT_CHANGED` when a statement that already ran on some shard has changed.
 * @param instant whether every statement is INSTANT on every shard
 */
export async function assignShardPasses(
  ledger: LedgerSnapshot,
  work: readonly ShardWork[],
  instant: boolean,
): Promise<readonly ShardRun[]> {
  const folded = readStates({ ...ledger, settings: new Map() })
  let nextPass = ledger.lastPass + 1
  const runs: ShardRun[] = []
  for (const one of work) {
    const steps = one.changes
      .map((change) => makeStep(one, change, instant))
      .filter((step) => !isDone(step, folded.states))
    const assigned = await assignPasses({ state: { ...folded, nextPass }, snapshot: ledger }, steps)
    nextPass += assigned.filter((run) => run.resumption === null).length
    runs.push({ shard: one.shard, to: one.changes.at(-1)?.to ?? one.shard.templateVersion, runs: assigned })
  }
  return runs
}

function isDone(step: Step, states: ReturnType<typeof readStates>['states']): boolean {
  const state = states.get(step.migration.version)
  if (step.type === 'apply') return state?.type === 'applied'
  return state?.type === 'pending'
}

import type { Migration, Script } from '../../core/migration.ts'
import { assignPasses } from '../../migrations/execute/resume.ts'
import type { StepRun } from '../../migrations/execute/work.ts'
import { readStates } from '../../migrations/journal/journal.ts'
import type { Step } from '../../migrations/plan.ts'
import type { ShardNames } from '../fan-out-plan.ts'
import type { ShardRecord } from '../shard.ts'
import type { LedgerSnapshot } from './ports.ts'
import { renderShardStatement } from './render-statement.ts'

/** One migration in one direction, as a shard needs it. */
export interface ShardChange {
  readonly migration: Migration
  readonly direction: 'up' | 'down'
  /** The version that a shard has after it. */
  readonly to: number
}

/** What one shard is taken through. */
export interface ShardWork {
  readonly shard: ShardRecord
  readonly names: ShardNames
  /** In order; a shard that was away may lack several. */
  readonly changes: readonly ShardChange[]
}

/** A shard with the passes that are still to run; none where only the registry lags. */
export interface ShardRun {
  readonly shard: ShardRecord
  readonly to: number
  readonly runs: readonly StepRun[]
}

/** How a ledger's pass names a migration on a shard. */
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
 * Gives every shard its passes in the ledger, going on with those that stopped. What the ledger says is done is left
 * out: a run that was cut off before it told the registry.
 * Throws ToolError `STATEMENT_CHANGED` when a statement that already ran on some shard is no longer what it was.
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

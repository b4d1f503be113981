import type { Migration } from '../../core/migration.ts'
import type { ShardFamily } from '../../core/shard-family.ts'
import { ToolError } from '../../core/tool-error.ts'
import { migrationLabel } from '../../migrations/plan.ts'
import type { ShardNames } from '../fan-out-plan.ts'
import type { LiveTable } from '../ports.ts'
import { namingOf } from '../render-shard.ts'
import type { Registry, ShardRecord } from '../shard.ts'
import type { TemplateChange } from './ports.ts'
import type { ShardChange, ShardWork } from './shard-runs.ts'
import type { VersionDecision } from './template-version.ts'

/** The shards of a family that are under their own names, by the registry. */
export function listStanding(registry: Registry, family: string): readonly ShardRecord[] {
  return registry.shards.filter((one) => one.family === family && (one.state === 'live' || one.state === 'sealed'))
}

/** What a shard's statements call it and its siblings. */
export function namesOf(family: ShardFamily, families: readonly ShardFamily[], key: string): ShardNames {
  const siblings = families.filter((one) => one.name !== family.name && one.database === family.database)
  // Another division may have no such key: its shards are no siblings.
  const sameDivision = siblings.filter((one) => one.division.type === family.division.type && sameKeys(one, family))
  return {
    table: namingOf(family).name(key),
    siblings: new Map(sameDivision.map((one) => [one.name, namingOf(one).name(key)])),
  }
}

function sameKeys(one: ShardFamily, other: ShardFamily): boolean {
  return JSON.stringify(one.division) === JSON.stringify(other.division)
}

/**
 * Refuses tables that are called like shards and that the registry does not know: they would be left behind.
 * Throws ToolError `SHARD_UNKNOWN`.
 */
export function refuseUnknown(family: ShardFamily, registry: Registry, live: readonly LiveTable[]): void {
  const known = new Set(registry.shards.filter((one) => one.family === family.name).map((one) => one.table))
  const naming = namingOf(family)
  const unknown = live
    .filter(({ name, type }) => type === 'table' && !known.has(name) && naming.parse(name) !== null)
    .map(({ name }) => name)
  if (unknown.length === 0) return
  const shown = unknown.slice(0, 3).join(', ')
  throw new ToolError('SHARD_UNKNOWN', {
    what: `${unknown.length === 1 ? 'One table is' : `${unknown.length} tables are`} called like shards of ${family.name}, and the registry does not know them: ${shown}${unknown.length > 3 ? ', ...' : ''}`,
    where: { database: family.database },
    why: 'a change that runs on every shard would leave them behind',
    next: 'Take them into the registry with `wwdb shards adopt`, or rename them.',
  })
}

export interface SelectionRequest {
  readonly family: ShardFamily
  readonly families: readonly ShardFamily[]
  readonly standing: readonly ShardRecord[]
  readonly tables: ReadonlySet<string>
  readonly migration: Migration
  readonly direction: 'up' | 'down'
  readonly decision: Pick<VersionDecision, 'to' | 'forward'>
  /** All changes of the family's template, those of this run among them. */
  readonly changes: readonly TemplateChange[]
  /** Every migration of the database that has a file. */
  readonly migrations: readonly Migration[]
}

export interface Selection {
  /** In the order of the registry: oldest period, lowest key first. */
  readonly work: readonly ShardWork[]
  /** Shards that are as far already. */
  readonly done: number
  /** Tables that the registry has and the server has not. */
  readonly absent: readonly string[]
}

/** Which shards a fan-out is to go to, each with what it lacks: one that was away lacks earlier changes, too. Pure. */
export function selectShards(request: SelectionRequest): Selection {
  const { standing, tables, decision, family, families } = request
  const concerned = standing.filter((shard) =>
    decision.forward ? shard.templateVersion < decision.to : shard.templateVersion > decision.to,
  )
  const present = concerned.filter((shard) => tables.has(shard.table))
  return {
    work: present.map((shard) => ({
      shard,
      names: namesOf(family, families, shard.key),
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
  if (found !== undefined && found.shards === family.name && (change.direction === 'up' || found.down !== null))
    return found
  const what =
    found === undefined
      ? `The migration ${change.migration}, which gave the template of ${family.name} version ${change.version}, has no file any more`
      : `${migrationLabel(found)} no longer says what gave the template of ${family.name} version ${change.version}`
  throw new ToolError('MIGRATION_MISSING', {
    what,
    where: { database: family.database },
    why: 'a shard that was away then still lacks the change',
    next: 'Bring the file back as it was (another branch may have it).',
  })
}

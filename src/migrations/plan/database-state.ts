import type { Config, DatabaseConfig } from '../../config/config.ts'
import type { Condition } from '../../core/condition.ts'
import { type Fault, ToolError } from '../../core/tool-error.ts'
import { compareServerVersions } from '../../core/version.ts'
import type { JournalState } from '../journal/journal.ts'
import type { JournalSnapshot } from '../journal/rows.ts'
import type { Migration } from '../migration.ts'

/** What planning needs to know about a database, whether it is part of the run or not. */
export interface DatabaseState {
  readonly database: Pick<DatabaseConfig, 'name'>
  readonly state: JournalState
  /** Every file of the logical database. */
  readonly all: readonly Migration[]
  /** The migrations whose conditions are true there. */
  readonly migrations: readonly Migration[]
  /** What a squashed file requires of a database that has run some of the files that it replaced; absent for all others. */
  readonly squash?: { readonly record: Migration | null; readonly faults: readonly Fault[] }
}

/** The databases that migrations of these databases require. */
export function listRequired(
  databases: readonly Pick<DatabaseConfig, 'name'>[],
  migrations: ReadonlyMap<string, readonly Migration[]>,
): ReadonlySet<string> {
  const files = databases.flatMap(({ name }) => migrations.get(name) ?? [])
  return new Set(files.flatMap(({ requires }) => requires.map(({ database }) => database)))
}

/** The databases outside the run (`--target`) that its migrations need, or whose migrations need them. */
export function findNeighbors(
  databases: readonly DatabaseConfig[],
  chosen: readonly DatabaseConfig[],
  migrations: ReadonlyMap<string, readonly Migration[]>,
): readonly DatabaseConfig[] {
  const names = new Set(chosen.map((database) => database.name))
  const required = listRequired(chosen, migrations)
  return databases.filter(
    (one) =>
      !names.has(one.name) &&
      (required.has(one.name) || [...listRequired([one], migrations)].some((other) => names.has(other))),
  )
}

/** The facts against which `-- wwdb:when` conditions are checked. */
export interface ConditionContext {
  readonly environment: string | null
  readonly references: 'physical' | 'logical'
  readonly platform: 'mysql' | 'vitess'
  /** `8.0.12` */
  readonly serverVersion: string
}

function holds(condition: Condition, context: ConditionContext): boolean {
  switch (condition.type) {
    case 'references':
      return condition.value === context.references
    case 'platform':
      return condition.value === context.platform
    case 'environment': {
      const named = context.environment !== null && condition.names.includes(context.environment)
      return named !== condition.negated
    }
    case 'server': {
      const order = compareServerVersions(context.serverVersion, condition.version)
      if (condition.operator === '<') return order < 0
      if (condition.operator === '<=') return order <= 0
      if (condition.operator === '>') return order > 0
      return order >= 0
    }
  }
}

/** What a database is on, as the configuration says; a scratch schema is judged as what it stands for. */
export const platformOf = ({
  vitess,
  standsFor,
}: Pick<DatabaseConfig, 'vitess' | 'standsFor'>): ConditionContext['platform'] =>
  vitess === undefined && standsFor === undefined ? 'mysql' : 'vitess'

/** True when every condition of the migration (or seed) is true here. */
export function isApplicable(migration: Pick<Migration, 'conditions'>, context: ConditionContext): boolean {
  return migration.conditions.every((condition) => holds(condition, context))
}

interface Recorded {
  readonly database: DatabaseConfig
  readonly snapshot: JournalSnapshot
}

interface RecordedMode {
  readonly mode: 'physical' | 'logical'
  readonly database: string
}

function listRecorded(opened: readonly Recorded[]): readonly RecordedMode[] {
  return opened.flatMap(({ database, snapshot }) => {
    const mode = snapshot.settings.get('references')
    return mode === 'physical' || mode === 'logical' ? [{ mode, database: database.name }] : []
  })
}

/** Foreign keys can cross schemas, not servers. */
function shareServer(databases: readonly DatabaseConfig[]): boolean {
  return new Set(databases.map((database) => database.server.label)).size <= 1
}

/** The configuration's choice; `auto` stays with logical references where the first migration found no common server. */
function wantedMode(config: Config, recorded: readonly RecordedMode[]): 'physical' | 'logical' {
  if (config.references !== 'auto') return config.references
  // Vitess takes no foreign key in a migration. A keyspace may have recorded `physical` before that was looked at.
  const isPossible = recorded.length > 0 || config.databases.every((one) => platformOf(one) === 'mysql')
  const isPhysical = shareServer(config.databases) && recorded.every((one) => one.mode === 'physical')
  return isPossible && isPhysical ? 'physical' : 'logical'
}

/**
 * How foreign keys between logical databases are created. The first migration records the choice; a configuration that
 * now differs is refused, because half of the keys would be physical and half logical. Throws ToolError
 * `REFERENCES_CHANGED` (78).
 */
export function resolveReferences(config: Config, opened: readonly Recorded[]): 'physical' | 'logical' {
  const modes = listRecorded(opened)
  const wanted = wantedMode(config, modes)
  const recorded = modes.find((one) => one.mode !== wanted)
  if (recorded === undefined) return wanted
  throw new ToolError('REFERENCES_CHANGED', {
    what: `Foreign keys between databases are ${recorded.mode} here, but the configuration now asks for ${wanted} ones.`,
    where: { database: recorded.database, ...(config.file === null ? {} : { file: config.file }) },
    why:
      recorded.mode === 'physical' && config.references === 'auto'
        ? 'The databases no longer share a server, and a foreign key cannot cross servers.'
        : 'The choice was recorded at the first migration, and cannot change without notice.',
    next:
      recorded.mode === 'physical'
        ? 'Set "references": "physical" in the configuration. To change to logical ones, drop the keys in a migration first, then run `wwdb repair --logical-references`.'
        : 'Set "references": "logical" in the configuration, or start with empty schemas.',
  })
}

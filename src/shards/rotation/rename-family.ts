import type { DatabaseConfig } from '../../config/config.ts'
import type { ShardFamily } from '../../core/shard-family.ts'
import type { Target } from '../../core/target.ts'
import { ToolError } from '../../core/tool-error.ts'
import { describeMisfit } from '../contradictions.ts'
import type { FamilyMove } from '../family-move.ts'
import { isGone, nameSome } from '../family-view.ts'
import type { ShardStore } from '../ports.ts'
import { namingOf } from '../render-shard.ts'
import { isVanished } from '../settle-family.ts'
import type { Registry, ShardRecord } from '../shard.ts'

/** What is moved to a family's new name. */
export interface FamilyMovePlan {
  readonly target: Target
  /** Shards with a row in the registry, including dropped ones. */
  readonly shards: number
  /** Tables that only events name. */
  readonly traced: number
  /** Tables that are protected. */
  readonly protected: readonly string[]
  /** Held tables, and those of which an archive exists. */
  readonly held: readonly string[]
  readonly archived: readonly string[]
  /** Tables that are recorded under both names: they become one record, with the protection of either. */
  readonly merged: readonly string[]
  /** Tables that do not match the new family's header: what `shards check` says about them. */
  readonly misfits: readonly string[]
}

interface MoveRequest {
  readonly from: string
  readonly to: ShardFamily
  /** All families of the project. */
  readonly families: readonly ShardFamily[]
}

/** Plans the move from the current state; writes nothing. Throws ToolError `FAMILY_NOT_MOVED`. */
export async function planFamilyMove(
  request: MoveRequest,
  database: DatabaseConfig,
  store: ShardStore,
): Promise<{ readonly plan: FamilyMovePlan; readonly move: FamilyMove }> {
  const registry = await store.readRegistry()
  const tables = new Map((await store.listTables()).map(({ name, type }) => [name, type]))
  const carried = await store.readCarriedVersions()
  const { from, to } = request
  refuseMove(request, database, registry, carried)
  const own = registry.shards.filter(({ family }) => family === from)
  const merged = mergeTwins(request, own, registry, (record) => isVanished({ tables }, record))
  const traces = registry.traces.filter(
    ({ family, table }) => family === from && !own.some((one) => one.table === table),
  )
  const namesOf = (isChosen: (record: ShardRecord) => boolean): readonly string[] =>
    own.filter(isChosen).map(({ table }) => table)
  const one = { family: to, naming: namingOf(to) }
  return {
    plan: {
      target: store.target,
      shards: own.length,
      traced: traces.length,
      protected: [
        ...namesOf(({ protection }) => protection !== null),
        ...traces.flatMap(({ table, protectedFor }) => (protectedFor === null ? [] : [table])),
      ],
      held: namesOf(({ state }) => state === 'held' || state === 'archived'),
      archived: namesOf(({ archive }) => archive !== null),
      merged: merged.map(({ table }) => table),
      misfits: namesOf((record) => !isGone(record) && describeMisfit(one, record) !== null),
    },
    move: { from, to: to.name, merged, isKnown: registry.families.some(({ family }) => family === to.name) },
  }
}

function refuseMove(
  { from, to, families }: MoveRequest,
  { name }: DatabaseConfig,
  registry: Registry,
  carried: ReadonlyMap<string, number>,
): void {
  const its = families.find((family) => family.name === from)
  if (its !== undefined)
    throw notMoved(from, to, `\`${from}\` still has a template, \`${its.template.file}\`, which rotation uses.`, [
      `Remove that template, or rename it to the new name.`,
    ])
  const own = [...registry.shards, ...registry.traces].filter(({ family }) => family === from)
  const known = [...new Set([...registry.shards, ...registry.traces].map(({ family }) => family))]
  if (own.length === 0 && !registry.families.some(({ family }) => family === from))
    throw notMoved(from, to, `\`${name}\` has no records of \`${from}\`.`, [
      known.length === 0 ? 'No family is recorded there.' : `The recorded families are \`${known.join('`, `')}\`.`,
    ])
  const naming = namingOf(to)
  if (own.length > 0 && !own.some(({ table }) => naming.parse(table) !== null))
    throw notMoved(
      from,
      to,
      `The pattern ${to.pattern} of \`${to.name}\` matches none of the ${own.length} tables recorded for \`${from}\`: ${nameSome(own.map(({ table }) => table))}.`,
      [
        `Check the two names. If \`${to.name}\` is \`${from}\` with another pattern, rename it under the old pattern first.`,
      ],
    )
  if (carried.has(from) && carried.has(to.name))
    throw notMoved(
      from,
      to,
      `Fan-outs changed both: \`wwdb_shard_changes\` has rows of \`${from}\` and of \`${to.name}\`.`,
      ['The two have histories of their own and cannot become one family.'],
    )
}

/** Shards that both names have. Of two records of one table, the one that knows the table's actual place counts. */
function mergeTwins(
  { from, to }: MoveRequest,
  own: readonly ShardRecord[],
  registry: Registry,
  isLost: (record: ShardRecord) => boolean,
): readonly ShardRecord[] {
  const twins = new Map(registry.shards.filter(({ family }) => family === to.name).map((twin) => [twin.key, twin]))
  return own.flatMap((record) => {
    const twin = twins.get(record.key)
    if (twin === undefined) return []
    if (twin.table !== record.table)
      throw notMoved(
        from,
        to,
        `For ${record.key} \`${from}\` has \`${record.table}\` and \`${to.name}\` has \`${twin.table}\`.`,
        [
          `Two tables cannot be one shard. Move the rows of one into the other, and drop the empty one with a migration; then \`wwdb shards check\` shows what is left.`,
        ],
      )
    const believed = isLost(record) && !isGone(twin) && !isLost(twin) ? twin : record
    return [{ ...believed, family: to.name, protection: record.protection ?? twin.protection }]
  })
}

function notMoved(from: string, to: ShardFamily, why: string, [next = '']: readonly string[]): ToolError {
  return new ToolError('FAMILY_NOT_MOVED', {
    what: `The records of \`${from}\` cannot be moved to \`${to.name}\`.`,
    where: { file: to.template.file },
    why,
    next: `Nothing was changed. ${next}`,
  })
}

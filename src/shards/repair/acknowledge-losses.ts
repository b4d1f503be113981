import type { DatabaseConfig } from '../../config/config.ts'
import type { InspectionRequest } from '../inspect/request.ts'
import { viewFamilies } from '../inspect/view-families.ts'
import { openLosses } from '../losses.ts'
import { settleFamily } from '../plan-family.ts'
import { noRegistryChange, type ShardStore } from '../ports.ts'
import type { AcknowledgedLoss } from '../repair.ts'
import { KeySources } from '../rotation/read-target.ts'
import type { ShardFinding, ShardRecord } from '../shard.ts'

export interface LossRequest extends Pick<InspectionRequest, 'config' | 'families' | 'only' | 'servers' | 'now'> {
  readonly keys: ReadonlySet<string>
}

interface FoundLoss {
  readonly finding: ShardFinding
  /** What the registry is to have of a shard whose loss no rotation has seen yet; null where it has that already. */
  readonly record: ShardRecord | null
}

/** The losses of these keys that nobody acknowledged, also those that no rotation has seen yet. Writes nothing. */
export async function findLosses(
  request: LossRequest,
  database: DatabaseConfig,
  store: ShardStore,
): Promise<readonly AcknowledgedLoss[]> {
  return (await lookForLosses(request, database, store)).map(({ finding }) => toAcknowledged(store, finding))
}

/** Writes down that a person knows of them. Under the lock. */
export async function acknowledgeLosses(
  request: LossRequest,
  database: DatabaseConfig,
  store: ShardStore,
  said: { readonly by: string; readonly reason: string },
): Promise<readonly AcknowledgedLoss[]> {
  const found = await lookForLosses(request, database, store)
  if (found.length === 0) return []
  await store.createRegistry()
  const closed = { ...said, at: await store.readClock() }
  await store.writeRegistry({
    ...noRegistryChange,
    shards: found.flatMap(({ record }) => record ?? []),
    findings: found.map(({ finding }) => ({ ...finding, closed })),
  })
  return found.map(({ finding }) => toAcknowledged(store, finding))
}

async function lookForLosses(
  request: LossRequest,
  database: DatabaseConfig,
  store: ShardStore,
): Promise<readonly FoundLoss[]> {
  const own = request.families.filter(({ name, database: home }) => home === database.name && isChosen(request, name))
  const read = { registry: await store.readRegistry(), tables: await store.listTables() }
  const viewed = await viewFamilies(store.target, own, read, new KeySources(request))
  const now = await store.readClock()
  return viewed.flatMap(({ view }) => {
    const settled = settleFamily(view, now)
    const records = new Map(settled.corrections.map((record) => [record.key, record]))
    const isNew = (finding: ShardFinding): boolean => settled.losses.includes(finding)
    return openLosses(settled.view)
      .filter(({ key }) => request.keys.has(key))
      .map((finding) => ({ finding, record: isNew(finding) ? (records.get(finding.key) ?? null) : null }))
  })
}

const isChosen = ({ only }: LossRequest, name: string): boolean => only === null || only.has(name)

function toAcknowledged({ target }: ShardStore, { family, key, table, rows }: ShardFinding): AcknowledgedLoss {
  return { family, target, key, table, rows }
}

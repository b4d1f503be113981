import type { CommandResult, Context } from '../../command/context.ts'
import type { DatabaseConfig } from '../../config/config.ts'
import { exitCodes } from '../../core/exit-code.ts'
import { ToolError } from '../../core/tool-error.ts'
import type { AcknowledgedLoss } from '../answers.ts'
import { KeySources } from '../family-view.ts'
import type { InspectionRequest } from '../inspect/view-target.ts'
import { viewFamilies } from '../inspect/view-target.ts'
import { noRegistryChange, type ShardStore } from '../ports.ts'
import { changeReachable, readReachable, readShardProject } from '../project.ts'
import { openLosses, settleFamily } from '../settle-family.ts'
import type { ShardFinding, ShardRecord } from '../shard.ts'

interface LossRequest extends Pick<InspectionRequest, 'config' | 'families' | 'only' | 'servers' | 'now'> {
  readonly keys: ReadonlySet<string>
}

interface FoundLoss {
  readonly finding: ShardFinding
  /** The registry's row for a shard whose loss no rotation has seen yet; null where it already has that. */
  readonly record: ShardRecord | null
}

/** The open losses of these keys, including those that no rotation has found yet. Writes nothing. */
async function findLosses(
  request: LossRequest,
  database: DatabaseConfig,
  store: ShardStore,
): Promise<readonly AcknowledgedLoss[]> {
  return (await readLosses(request, database, store)).map(({ finding }) => toAcknowledged(store, finding))
}

/** Records that a person has acknowledged them. Under the lock. */
async function acknowledgeLosses(
  request: LossRequest,
  database: DatabaseConfig,
  store: ShardStore,
  said: { readonly by: string; readonly reason: string },
): Promise<readonly AcknowledgedLoss[]> {
  const found = await readLosses(request, database, store)
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

async function readLosses(
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

/**
 * `wwdb shards repair --acknowledge-loss KEY`: a person acknowledges that these rows are lost. Changes no table. Asks
 * first. Throws ToolError `LOSS_UNKNOWN` (64), `NOT_CONFIRMED`.
 */
export async function acknowledge(
  context: Context,
  families: readonly string[],
  keys: readonly string[],
  reason: string,
): Promise<CommandResult> {
  const started = performance.now()
  const project = await readShardProject(context, families)
  const request = { ...project.request, keys: new Set(keys) }
  const { seen, unseen } = await readReachable(project, (store, database) => findLosses(request, database, store))
  const found = seen.flat()
  const unknown = keys.filter((key) => !found.some((loss) => loss.key === key))
  if (unknown.length > 0) throw lossUnknown(unknown)
  await context.confirm({ what: describe(found), level: 'moderate', name: 'acknowledge' })
  const databases = project.databases.filter(({ name }) => found.some(({ target }) => target.database === name))
  const said = { by: context.process.person, reason }
  const changed = await changeReachable({ ...project, databases }, context, (store, database) =>
    acknowledgeLosses(request, database, store, said),
  )
  return {
    result: {
      kind: 'shard-repair',
      families: [],
      acknowledged: changed.seen.flat(),
      unseen: [...unseen, ...changed.unseen],
      milliseconds: performance.now() - started,
    },
    exitCode: changed.exitCode ?? exitCodes.done,
  }
}

function describe(losses: readonly AcknowledgedLoss[]): string {
  const tables = losses.map(({ table, rows }) => `${table} (${rows === null ? 'rows not counted' : `${rows} rows`})`)
  return `The rows of \`${tables.join('`, `')}\` are recorded as lost, and checks no longer report them.`
}

function lossUnknown(keys: readonly string[]): ToolError {
  return new ToolError('LOSS_UNKNOWN', {
    what: `No lost rows are recorded for the key ${keys.join(', ')}.`,
    next: '`wwdb shards check` lists lost rows with their keys.',
  })
}

import type { Emit } from '../../command/event.ts'
import type { Config } from '../../config/config.ts'
import type { ShardFamily } from '../../core/shard-family.ts'
import type { StopRequest } from '../../core/stop-request.ts'
import { readStates } from '../../migrations/journal/journal.ts'
import type { Migration } from '../../migrations/migration.ts'
import type { OnlineChanges } from '../../migrations/online-changes.ts'
import type { Governor } from '../../operate/governor.ts'
import type { BlockerKiller } from '../../operate/kill-blockers.ts'
import { leaveColumns, listInUse, renewColumns } from '../family-view.ts'
import { refuseMovedChange } from '../moved-family.ts'
import { joinPartitions, refuseInstant, type WholeTables } from '../partitions/whole-tables.ts'
import { noRegistryChange, type ShardStore } from '../ports.ts'
import type { RenderContext } from '../render-shard.ts'
import { reopen } from '../settle-family.ts'
import type { FamilyRecord, ShardRecord } from '../shard.ts'
import { type FanOutReport, fanOut } from './fan-out.ts'
import type { LedgerSnapshot, ShardLedger, TemplateChange } from './ports.ts'
import { proveChange } from './prove-change.ts'
import { recoverLedger } from './recover-ledger.ts'
import { assignShardPasses, refuseUnknown, type Selection, type ShardRun, selectShards } from './select-shards.ts'
import { decideVersion, type VersionDecision } from './template-version.ts'

/** Everything that carrying one migration to the shards of its family needs, under the target's lock. */
export interface CarryRequest extends RenderContext {
  readonly config: Config
  readonly store: ShardStore
  readonly ledger: ShardLedger
  readonly migration: Migration
  readonly direction: 'up' | 'down'
  readonly family: ShardFamily
  /** Every migration of the database that has a file. */
  readonly migrations: readonly Migration[]
  /** Migrations of the family that are not complete, in the order in which they run. */
  readonly pending: readonly Migration[]
  /** False skips the proof in a scratch schema. */
  readonly prove: boolean
  /** The version for which the plan contains the proof: the same change is not tried twice. Null without one. */
  readonly proven: number | null
  /** True where every statement is INSTANT on every shard. */
  readonly together: boolean
  readonly errorBudget: number
  /** Only shards that failed before. */
  readonly failedOnly: boolean
  readonly emit: Emit
  readonly stop: StopRequest
  readonly governor: Governor | null
  readonly killer: BlockerKiller | null
  /** What makes the statements with `-- wwdb:online`; absent where the server makes them itself. */
  readonly online?: OnlineChanges | undefined
}

export interface CarryReport extends FanOutReport {
  /** Completed shards, out of all. */
  readonly done: number
  readonly total: number
  /** Changes of the template that are undone on every shard: they are removed together with the row that records it. */
  readonly undone: readonly TemplateChange[]
}

const nothing: CarryReport = {
  finished: [],
  failures: [],
  left: 0,
  stopped: false,
  error: null,
  done: 0,
  total: 0,
  undone: [],
}

/**
 * Carries a migration to the shards of its family. Order of writes: the change that gives the template its version,
 * then the family's version and text, from which new shards are created with the change; then the shards, each with its
 * rows in the ledger; then the registry's versions of completed shards. After a kill at any point the next run
 * continues there. Throws ToolError for what stops it before any shard is touched.
 */
export async function carryOut(request: CarryRequest): Promise<CarryReport> {
  const { store, ledger, family } = request
  const registry = await store.readRegistry()
  const live = await store.listTables()
  refuseUnknown(family, request.families, store.target, { registry, live })
  refuseInstant(family, request.migration)
  refuseMovedChange(family, registry, request.migration)
  const record = registry.families.find((one) => one.family === family.name)
  // No shard was ever created here: the first one is created from the file, which has the change.
  if (record === undefined) return nothing
  await ledger.create()
  const changes = (await ledger.readChanges()).filter((one) => one.family === family.name)
  const snapshot = await settleLedger(
    request,
    [request.migration, ...request.pending].map(versionOf).concat(changes.map((one) => one.migration)),
  )
  const decision = decideVersion({ ...request, record, changes, file: fileOf(family) })
  if (decision.begin !== null) await beginVersion(request, record, decision, decision.begin)
  const whole = joinPartitions(listInUse(registry, family.name), live)
  const selection = selectShards({
    ...request,
    standing: whole.standing,
    tables: whole.tables,
    decision,
    changes: mergeChanges(changes, decision.begin?.record ?? []),
  })
  await leaveColumns(store, family, (decision.begin?.family ?? record).template)
  const report = await runSelection(request, selection, snapshot, whole.partsOf)
  const isComplete = report.left + report.failures.length === 0 && report.error === null
  if (isComplete) await renewColumns(store, family, request.emit)
  return { ...report, undone: isComplete ? decision.forget : [] }
}

const versionOf = ({ version }: Migration): string => version

function fileOf({ template }: ShardFamily) {
  return { template: template.text, checksum: template.checksum }
}

/**
 * Waits for the workers of an earlier run, and settles what they left.
 * @param migrations their versions; null for all
 */
export async function settleLedger(
  request: Pick<CarryRequest, 'ledger' | 'config' | 'emit' | 'stop' | 'online'>,
  migrations: readonly string[] | null,
): Promise<LedgerSnapshot> {
  const { ledger, config, emit, stop, online } = request
  await ledger.awaitWorkers(config.timeouts.lock, (holder, milliseconds) => {
    if (!stop.requested) emit({ type: 'lock-waiting', target: ledger.target, holder, milliseconds })
  })
  const found = await ledger.read(migrations)
  if (!found.rows.some((row) => row.state === 'open' || row.state === 'entered')) return found
  const worker = await ledger.openWorker(0)
  try {
    await recoverLedger(worker, found, emit, online)
  } finally {
    await worker.close()
  }
  return ledger.read(migrations)
}

async function beginVersion(
  request: CarryRequest,
  before: FamilyRecord,
  { to }: VersionDecision,
  begin: NonNullable<VersionDecision['begin']>,
): Promise<void> {
  const { store, ledger, prove, proven } = request
  if (prove && proven !== to) await proveChange({ ...request, before, after: begin.family, steps: begin.proof })
  await ledger.recordChanges(begin.record)
  await store.writeRegistry({ ...noRegistryChange, families: [begin.family] })
}

function mergeChanges(
  known: readonly TemplateChange[],
  recorded: readonly TemplateChange[],
): readonly TemplateChange[] {
  const written = new Set(recorded.map((change) => change.version))
  return [...known.filter((change) => !written.has(change.version)), ...recorded]
}

async function runSelection(
  request: CarryRequest,
  selection: Selection,
  snapshot: LedgerSnapshot,
  partsOf: WholeTables['partsOf'],
): Promise<Omit<CarryReport, 'undone'>> {
  const { emit, config, ledger, family } = request
  for (const table of selection.absent) {
    const message = `\`${table}\` is in the registry but not on the server: it is skipped. \`wwdb shards check\` shows details.`
    emit({ type: 'warning', target: ledger.target, message })
  }
  const runs = await assignShardPasses(snapshot, selection.work, request.together)
  const failed = failedShards(snapshot)
  const chosen = request.failedOnly ? runs.filter((run) => failed.has(run.shard.table)) : runs
  const ready = chosen.filter((run) => run.runs.length === 0)
  const through = new CompletedShards(request.store, partsOf)
  for (const run of ready) through.add(run)
  const report = await fanOut({
    ...request,
    family: family.name,
    runs: chosen.filter((run) => run.runs.length > 0),
    done: selection.done + ready.length,
    canary: !hasBegun(request, snapshot),
    connections: config.rotation.connections,
    statementTimeout: config.timeouts.statement,
    guard: config.guard,
    through: (run) => through.add(run),
  })
  await through.end()
  const total = selection.done + selection.work.length
  const left = report.left + (runs.length - chosen.length)
  return { ...report, left, done: selection.done + ready.length + report.finished.length, total }
}

/** True when a shard has completed the migration in this direction: then the canary is done. */
function hasBegun({ migration, direction }: CarryRequest, snapshot: LedgerSnapshot): boolean {
  const { states } = readStates({ ...snapshot, settings: new Map() })
  const through = direction === 'up' ? 'applied' : 'pending'
  return [...states].some(([version, { type }]) => version.startsWith(`${migration.version}/`) && type === through)
}

/** Tables whose last attempt failed. */
function failedShards(snapshot: LedgerSnapshot): ReadonlySet<string> {
  const passes = new Map(snapshot.passes.map((pass) => [pass.pass, pass]))
  const rows = snapshot.rows.filter((row) => row.state === 'failed')
  return new Set(rows.map((row) => passes.get(row.pass)?.name ?? ''))
}

/** The number of shards that are recorded together while others still run: one query for their shapes, one write. */
const enough = 128

/**
 * Records completed shards and their shapes in the registry while workers change the others, so that little is left to do at
 * the end. What is lost with a killed run is in the ledger, and the next run records it.
 */
class CompletedShards {
  readonly #store: ShardStore
  readonly #partsOf: WholeTables['partsOf']
  #waiting: ShardRecord[] = []
  #writing: Promise<void> | null = null
  #error: unknown = null

  constructor(store: ShardStore, partsOf: WholeTables['partsOf']) {
    this.#store = store
    this.#partsOf = partsOf
  }

  /** Never throws: `end` throws errors. */
  add({ shard, to }: ShardRun): void {
    this.#waiting.push(...this.#partsOf(shard).map((part) => ({ ...reopen(part), templateVersion: to })))
    if (this.#writing !== null || this.#error !== null || this.#waiting.length < enough) return
    this.#writing = this.#write()
      .catch((error: unknown) => {
        this.#error = error
      })
      .finally(() => {
        this.#writing = null
      })
  }

  /** Writes the rest. Throws earlier errors, too. */
  async end(): Promise<void> {
    await this.#writing
    if (this.#error !== null) throw this.#error
    await this.#write()
  }

  async #write(): Promise<void> {
    const shards = this.#waiting
    this.#waiting = []
    if (shards.length === 0) return
    const shapes = await this.#store.readShapes(
      shards.map((shard) => shard.table),
      'fingerprint',
    )
    const changed = shards.map((shard) => ({ ...shard, fingerprint: shapes.get(shard.table)?.fingerprint ?? null }))
    await this.#store.writeRegistry({ ...noRegistryChange, shards: changed })
  }
}

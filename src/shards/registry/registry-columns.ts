import { ToolError } from '../../core/tool-error.ts'
import type { Cell, Row } from '../../mysql/connection.ts'
import { quoteString } from '../../sql/quote-name.ts'
import type { FamilyRecord, ShardFinding, ShardRecord, ShardState } from '../shard.ts'

const states: ReadonlySet<string> = new Set<ShardState>([
  'live',
  'sealed',
  'holding',
  'held',
  'archived',
  'dropping',
  'dropped',
  'restoring',
  'lost',
])

type Value = string | number | null

/** The columns of `wwdb_shards` in the order in which they are read and written. */
export const shardColumns =
  'family,shard_key,table_name,from_at,to_at,state,template_version,fingerprint,gone_at,seal_rows,seal_checksum,sealed_at,' +
  'hold_table,held_at,held_until,archive_address,archive_sha256,archive_rows,archive_checksum,archive_bytes,archived_at,' +
  'protected_reason,protected_by,protected_at'

/** The columns of `wwdb_shard_families` that a family's own row uses. */
export const familyColumns = 'family,version,template,checksum,last_success_at'

/** The columns of `wwdb_shard_findings`. */
export const findingColumns =
  'family,shard_key,kind,found_at,table_name,state,row_count,closed_at,closed_by,closed_reason'

/** A DATETIME of an instant, as the pinned session (UTC) reads it. */
export function toDateTime(instant: number | null): string | null {
  return instant === null ? null : new Date(instant).toISOString().slice(0, 23).replace('T', ' ')
}

/** Milliseconds since the epoch. */
export function toInstant(cell: Cell | undefined): number | null {
  return cell === null || cell === undefined ? null : Date.parse(`${String(cell).replace(' ', 'T')}Z`)
}

function render(values: readonly Value[]): string {
  const literals = values.map((value) =>
    typeof value === 'string' ? quoteString(value) : value === null ? 'NULL' : String(value),
  )
  return `(${literals.join(',')})`
}

export function renderShard(shard: ShardRecord): string {
  const { seal, hold, archive, protection } = shard
  return render([
    shard.family,
    shard.key,
    shard.table,
    toDateTime(shard.from),
    toDateTime(shard.to),
    shard.state,
    shard.templateVersion,
    shard.fingerprint,
    toDateTime(shard.goneAt),
    ...(seal === null ? [null, null, null] : [seal.rows, seal.checksum, toDateTime(seal.at)]),
    ...(hold === null ? [null, null, null] : [hold.table, toDateTime(hold.at), toDateTime(hold.until)]),
    ...(archive === null
      ? [null, null, null, null, null, null]
      : [archive.address, archive.sha256, archive.rows, archive.checksum, archive.bytes, toDateTime(archive.at)]),
    ...(protection === null ? [null, null, null] : [protection.reason, protection.by, toDateTime(protection.at)]),
  ])
}

export function renderFamily(family: FamilyRecord): string {
  return render([family.family, family.version, family.template, family.checksum, toDateTime(family.lastSuccessAt)])
}

export function renderFinding({ family, key, kind, at, table, state, rows, closed }: ShardFinding): string {
  const closing = closed === null ? [null, null, null] : [toDateTime(closed.at), closed.by, closed.reason]
  return render([family, key, kind, toDateTime(at), table, state, rows, ...closing])
}

/** A row of `findingColumns`. */
export function toFinding(row: Row): ShardFinding {
  const [at, closedAt] = [toInstant(row[3]) ?? 0, toInstant(row[7])]
  return {
    family: String(row[0]),
    key: String(row[1]),
    kind: row[2] === 'loss' ? 'loss' : 'put-off',
    table: String(row[4]),
    state: toState(row[5]),
    rows: row[6] === null || row[6] === undefined ? null : Number(row[6]),
    at,
    closed: closedAt === null ? null : { at: closedAt, by: String(row[8]), reason: String(row[9]) },
  }
}

export function toFamily([family, version, template, checksum, success]: Row): FamilyRecord {
  return {
    family: String(family),
    version: Number(version),
    template: String(template),
    checksum: String(checksum),
    lastSuccessAt: toInstant(success),
  }
}

/** A state that a later wwdb wrote must not pass for one that we know. */
function toState(cell: Cell | undefined): ShardState {
  const text = String(cell)
  if (!states.has(text))
    throw new ToolError('REGISTRY_UNKNOWN', {
      what: `The registry has a shard in the unknown state \`${text}\`.`,
      why: 'a newer version of wwdb wrote it',
      next: 'Use the version of wwdb that the other runs use.',
    })
  return text as ShardState
}

const toText = (cell: Cell | undefined): string | null => (cell === null || cell === undefined ? null : String(cell))

/** A row of `shardColumns`. */
export function toShard(row: Row): ShardRecord {
  return {
    family: String(row[0]),
    key: String(row[1]),
    table: String(row[2]),
    from: toInstant(row[3]),
    to: toInstant(row[4]),
    state: toState(row[5]),
    templateVersion: Number(row[6]),
    fingerprint: toText(row[7]),
    goneAt: toInstant(row[8]),
    seal: toSeal(row),
    hold: toHold(row),
    archive: toArchive(row),
    protection: toProtection(row),
  }
}

function toSeal(row: Row): ShardRecord['seal'] {
  const at = toInstant(row[11])
  return at === null ? null : { rows: Number(row[9]), checksum: String(row[10]), at }
}

function toHold(row: Row): ShardRecord['hold'] {
  const [at, until] = [toInstant(row[13]), toInstant(row[14])]
  return at === null || until === null ? null : { table: String(row[12]), at, until }
}

function toArchive(row: Row): ShardRecord['archive'] {
  const at = toInstant(row[20])
  if (at === null) return null
  const content = { rows: Number(row[17]), checksum: String(row[18]) }
  return { ...content, address: String(row[15]), sha256: String(row[16]), bytes: Number(row[19]), at }
}

function toProtection(row: Row): ShardRecord['protection'] {
  const at = toInstant(row[23])
  return at === null ? null : { reason: String(row[21]), by: String(row[22]), at }
}

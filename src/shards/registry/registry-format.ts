import { ToolError } from '../../core/tool-error.ts'
import type { Formatted, JournalFormat } from '../../migrations/journal/journal-format.ts'
import type { Cell, Row } from '../../mysql/connection.ts'
import { serverErrors } from '../../mysql/errors.ts'
import { quoteString } from '../../sql/quote-name.ts'
import {
  type FamilyRecord,
  findingKinds,
  type ShardFinding,
  type ShardRecord,
  type ShardState,
  shardStates,
} from '../shard.ts'
import { ownRegistry, type RegistryPlace } from './registry-place.ts'

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
  // A wwdb that does not know the mark stops at a state that it does not know. It would take the mark for a shard that writes keep from its hold, and make the shards again.
  return render([family, key, kind, toDateTime(at), table, kind === 'moved' ? kind : state, rows, ...closing])
}

/** A row of `findingColumns`. */
export function toFinding(row: Row): ShardFinding {
  const [at, closedAt] = [toInstant(row[3]) ?? 0, toInstant(row[7])]
  const kind = toKind(row[2])
  return {
    family: String(row[0]),
    key: String(row[1]),
    kind,
    table: String(row[4]),
    state: kind === 'moved' ? 'live' : toState(row[5]),
    rows: row[6] === null || row[6] === undefined ? null : Number(row[6]),
    at,
    closed: closedAt === null ? null : { at: closedAt, by: String(row[8]), reason: String(row[9]) },
  }
}

function toKind(cell: Cell | undefined): ShardFinding['kind'] {
  const kind = findingKinds.find((known) => known === String(cell))
  if (kind === undefined) throw unknownIn(`a finding of the unknown kind \`${String(cell)}\``)
  return kind
}

const unknownIn = (what: string): ToolError =>
  new ToolError('REGISTRY_UNKNOWN', {
    what: `The registry has ${what}.`,
    why: 'A newer version of wwdb wrote it.',
    next: 'Use the version of wwdb that the other runs use.',
  })

export function toFamily([family, version, template, checksum, success]: Row): FamilyRecord {
  return {
    family: String(family),
    version: Number(version),
    template: String(template),
    checksum: String(checksum),
    lastSuccessAt: toInstant(success),
  }
}

/** A state that a later wwdb wrote must not be taken for a known one. */
export function toState(cell: Cell | undefined): ShardState {
  const text = String(cell)
  const state = shardStates.find((known) => known === text)
  if (state === undefined) throw unknownIn(`a shard in the unknown state \`${text}\``)
  return state
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

/**
 * The registry, in the target's own schema, so that it is backed up, copied and dropped with the shards it describes.
 * The row of the empty family is the registry's own: `generation` counts every change of shards, for applications that cache the shard map.
 * Instants are DATETIME, not TIMESTAMP, which ends in 2038. All are UTC.
 */
const families = ({ families: table }: RegistryPlace) => `CREATE TABLE IF NOT EXISTS ${table} (
  \`family\` VARCHAR(64) NOT NULL COMMENT 'empty: the registry itself',
  \`version\` INT UNSIGNED NOT NULL COMMENT 'of the template, from 1',
  \`template\` MEDIUMTEXT NOT NULL COMMENT 'its text at that version',
  \`checksum\` VARCHAR(64) NOT NULL COMMENT 'SHA-256 of the text',
  \`last_success_at\` DATETIME(3) NULL COMMENT 'the last run that took the family to its end',
  \`generation\` BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'of the empty family: changes so far',
  \`last_run_at\` DATETIME(3) NULL COMMENT 'of the empty family: when the last rotation began',
  PRIMARY KEY (\`family\`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='wwdb: families of sharded tables'`

const shards = ({ shards: table }: RegistryPlace) => `CREATE TABLE IF NOT EXISTS ${table} (
  \`family\` VARCHAR(64) NOT NULL,
  \`shard_key\` VARCHAR(32) NOT NULL COMMENT 'a period, or a key in decimal',
  \`table_name\` VARCHAR(64) NOT NULL,
  \`from_at\` DATETIME(3) NULL COMMENT 'first instant of its period; NULL for keys',
  \`to_at\` DATETIME(3) NULL COMMENT 'first instant after its period',
  \`state\` VARCHAR(16) NOT NULL COMMENT 'live, sealed, holding, held, archived, dropping, dropped, restoring, lost',
  \`template_version\` INT UNSIGNED NOT NULL,
  \`fingerprint\` VARCHAR(64) NULL COMMENT 'SHA-256 of its definition when last seen',
  \`gone_at\` DATETIME(3) NULL COMMENT 'when its key was first found deleted',
  \`seal_rows\` BIGINT UNSIGNED NULL,
  \`seal_checksum\` VARCHAR(64) NULL,
  \`sealed_at\` DATETIME(3) NULL,
  \`hold_table\` VARCHAR(64) NULL COMMENT 'its name while it is held',
  \`held_at\` DATETIME(3) NULL,
  \`held_until\` DATETIME(3) NULL COMMENT 'it may be dropped from then on',
  \`archive_address\` VARCHAR(1024) NULL COMMENT 'of the manifest, relative to the archive folder',
  \`archive_sha256\` VARCHAR(64) NULL COMMENT 'of the compressed file',
  \`archive_rows\` BIGINT UNSIGNED NULL,
  \`archive_checksum\` VARCHAR(64) NULL,
  \`archive_bytes\` BIGINT UNSIGNED NULL,
  \`archived_at\` DATETIME(3) NULL,
  \`protected_reason\` TEXT NULL COMMENT 'nothing is taken from it while this is set',
  \`protected_by\` VARCHAR(255) NULL,
  \`protected_at\` DATETIME(3) NULL,
  PRIMARY KEY (\`family\`, \`shard_key\`),
  KEY \`idx_table\` (\`table_name\`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='wwdb: every shard there is and was'`

const findings = ({ findings: table }: RegistryPlace) => `CREATE TABLE IF NOT EXISTS ${table} (
  \`family\` VARCHAR(64) NOT NULL,
  \`shard_key\` VARCHAR(32) NOT NULL,
  \`kind\` VARCHAR(16) NOT NULL COMMENT 'loss: rows are gone; put-off: writes keep the shard from its hold',
  \`found_at\` DATETIME(3) NOT NULL,
  \`table_name\` VARCHAR(64) NOT NULL,
  \`state\` VARCHAR(16) NOT NULL COMMENT 'of the shard when it was found',
  \`row_count\` BIGINT UNSIGNED NULL COMMENT 'when they were last counted',
  \`closed_at\` DATETIME(3) NULL,
  \`closed_by\` VARCHAR(255) NULL,
  \`closed_reason\` TEXT NULL,
  PRIMARY KEY (\`family\`, \`shard_key\`, \`kind\`, \`found_at\`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='wwdb: findings about shards'`

/**
 * What happened to shards: a row for each change of a state, of the template's version, or of the protection, with the run that made it. It is written in the
 * transaction that changes the registry, so that neither is there without the other.
 */
const events = ({ events: table }: RegistryPlace) => `CREATE TABLE IF NOT EXISTS ${table} (
  \`id\` BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  \`run_id\` VARCHAR(40) NULL COMMENT 'the row of wwdb_runs',
  \`at\` DATETIME(6) NOT NULL COMMENT 'UTC',
  \`family\` VARCHAR(64) NOT NULL,
  \`shard_key\` VARCHAR(32) NOT NULL,
  \`table_name\` VARCHAR(64) NOT NULL,
  \`from_state\` VARCHAR(16) NULL COMMENT 'NULL: the registry did not have it',
  \`to_state\` VARCHAR(16) NOT NULL,
  \`template_version\` INT UNSIGNED NOT NULL,
  \`protected_reason\` TEXT NULL COMMENT 'why nothing may be taken from it; NULL where it may',
  PRIMARY KEY (\`id\`),
  KEY \`idx_table\` (\`table_name\`),
  KEY \`idx_run\` (\`run_id\`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='wwdb: what happened to shards'`

/** The statements that create the registry's tables in the current format, and that of its events. */
export const createRegistryTables = (place: RegistryPlace): readonly string[] => [
  families(place),
  shards(place),
  findings(place),
]

export const createEventsTable = events

/** Those of a schema on a MySQL server. */
export const registryTables: readonly string[] = createRegistryTables(ownRegistry)

export const shardEventsTable = createEventsTable(ownRegistry)

/**
 * The format of these tables and of what is written in them. The number is the `version` of the registry's own row, where 0 means 1. A change
 * that an earlier wwdb would misread raises the number and adds a step. Every format keeps the table `wwdb_shard_families` with `family` and
 * `version`, because they hold the number.
 * - 2: columns of a protected shard are called `protected_*`; they were `legal_*`
 */
export const registryFormat: JournalFormat = {
  number: 2,
  steps: [
    {
      to: 2,
      statements: [
        {
          // The SELECT fails first where the columns are already renamed: then a user does not need ALTER.
          text:
            'SELECT legal_reason FROM wwdb_shards LIMIT 0;' +
            'ALTER TABLE wwdb_shards RENAME COLUMN legal_reason TO protected_reason, ' +
            'RENAME COLUMN legal_by TO protected_by, RENAME COLUMN legal_at TO protected_at',
          doneBy: [serverErrors.unknownColumn],
        },
      ],
    },
  ],
}

/** The name of the registry in errors. */
export const registryName: Formatted = {
  code: 'REGISTRY_NEWER',
  subject: 'The shard registry',
  danger: 'this version could misread which shards exist.',
}

/** The columns of `wwdb_shards` in the tables of a format, for reading them before they are upgraded. */
export function shardColumnsOf(format: number): string {
  return format >= 2 ? shardColumns : shardColumns.replaceAll('protected_', 'legal_')
}

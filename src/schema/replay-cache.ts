import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { geteuid, pid } from 'node:process'
import * as z from 'zod/mini'
import type { ObjectSnapshot, SchemaSnapshot } from '../ddl/snapshot.ts'
import { maskPasswords } from '../sql/mask-passwords.ts'

/** The results of replays, by a digest of everything that determines them. */
export interface ReplayCache {
  /** Null where it is missing, or incomplete. */
  readonly read: (key: string) => readonly SchemaSnapshot[] | null
  /** Stores it where that is possible: otherwise the next run replays again. */
  readonly write: (key: string, snapshots: readonly SchemaSnapshot[]) => void
}

/** The most replays, and the most bytes of all together; the most recently used ones stay. */
const most = { replays: 32, bytes: 256 * 1024 * 1024 }

/** A replay that was not used for this long is removed. Milliseconds. */
const longestStay = 30 * 24 * 3_600_000

const strings = z.array(z.string())
const part = { name: z.string(), text: z.string() }

const column = z.object({
  ...part,
  type: z.string(),
  nullable: z.boolean(),
  default: z.nullable(z.string()),
  generated: z.nullable(z.object({ expression: z.string(), stored: z.boolean() })),
  autoIncrement: z.boolean(),
  collation: z.nullable(z.string()),
  comment: z.string(),
})

const table = z.object({
  type: z.literal('table'),
  name: z.string(),
  columns: z.array(column),
  indexes: z.array(z.object({ ...part, columns: strings, unique: z.boolean() })),
  foreignKeys: z.array(
    z.object({
      ...part,
      columns: strings,
      parentDatabase: z.nullable(z.string()),
      parent: z.string(),
      parentColumns: strings,
    }),
  ),
  checks: z.array(z.object(part)),
  options: z.record(z.string(), z.string()),
  partitioning: z.nullable(z.string()),
})

const code = z.object({
  ...part,
  type: z.enum(['view', 'procedure', 'function', 'trigger', 'event']),
  definer: z.string(),
  collation: z.optional(z.string()),
  sqlMode: z.nullable(z.string()),
  timeZone: z.nullable(z.string()),
  table: z.nullable(z.string()),
  order: z.number(),
})

/** A snapshot from a file: complete, and with nothing of another shape in it. */
const snapshotSchema: z.ZodMiniType<SchemaSnapshot> = z.object({
  format: z.literal(1),
  database: z.string(),
  charset: z.string(),
  collation: z.string(),
  objects: z.array(z.discriminatedUnion('type', [table, code])),
})

const fileSchema = z.object({ key: z.string(), snapshots: z.array(snapshotSchema) })

/**
 * The replays in the user's cache folder, beside the bytecode; null where there is no folder that only this user can write to: anyone who can write there decides what databases are compared with. @param variables of the environment: WWDB_CACHE_DIR, else XDG_CACHE_HOME
 */
export function openReplayCache(variables: Readonly<Record<string, string | undefined>>): ReplayCache | null {
  try {
    const base = variables['WWDB_CACHE_DIR'] || join(variables['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'wwdb')
    const folder = join(base, 'replays')
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const { mode, uid } = statSync(folder)
    if (uid !== geteuid?.() || (mode & 0o022) !== 0) return null
    return {
      read: (key) => readReplay(join(folder, `${key}.json`), key),
      write: (key, snapshots) => writeReplay(folder, key, snapshots),
    }
  } catch {
    return null
  }
}

function readReplay(path: string, key: string): readonly SchemaSnapshot[] | null {
  try {
    const file = fileSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
    const now = new Date()
    utimesSync(path, now, now)
    return file.key === key ? file.snapshots : null
  } catch {
    // Missing or incomplete: the replay writes it again.
    return null
  }
}

function writeReplay(folder: string, key: string, snapshots: readonly SchemaSnapshot[]): void {
  if (snapshots.some(({ objects }) => objects.some(mayHoldSecret))) return
  try {
    const draft = join(folder, `${key}.${pid}`)
    writeFileSync(draft, JSON.stringify({ key, snapshots }), { mode: 0o600 })
    renameSync(draft, join(folder, `${key}.json`))
    removeOldest(folder)
  } catch {
    // The next run replays again.
  }
}

/** A body that sets a password, and a table whose rows are on another server: only the server may have both. */
function mayHoldSecret(object: ObjectSnapshot): boolean {
  if (object.type === 'table') return 'CONNECTION' in object.options
  return maskPasswords(object.text) !== object.text
}

function removeOldest(folder: string): void {
  const files = readdirSync(folder).map((name) => {
    const path = join(folder, name)
    const { mtimeMs, size } = statSync(path)
    return { path, mtimeMs, size }
  })
  let bytes = 0
  for (const [index, { path, mtimeMs, size }] of files.toSorted((a, b) => b.mtimeMs - a.mtimeMs).entries()) {
    bytes += size
    const isOld = Date.now() - mtimeMs > longestStay
    if (index >= most.replays || (bytes > most.bytes && index > 0) || isOld) rmSync(path, { force: true })
  }
}

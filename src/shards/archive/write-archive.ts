import { createHash } from 'node:crypto'
import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { gzip as gzipWithCallback } from 'node:zlib'
import type { Door } from '../../mysql/door.ts'
import { translateRunError } from '../../mysql/refusals.ts'
import { storedColumns } from '../mysql/row-text.ts'
import type { ArchiveRequest, WrittenArchive } from '../ports.ts'
import { translateFileError } from './archive-errors.ts'
import {
  footerLine,
  headerText,
  insertLine,
  type Manifest,
  manifestName,
  manifestText,
  type Place,
  placeOf,
  renameDefinition,
} from './archive-format.ts'
import { openKeyspaceSnapshot } from './keyspace-snapshot.ts'
import { RowBatch } from './row-batch.ts'
import { openSnapshot, type Snapshot } from './snapshot.ts'

export interface ArchiveSetup {
  readonly door: Door
  /** Absolute. */
  readonly directory: string
  readonly toolVersion: string
  /** Milliseconds since the epoch, now. */
  readonly now: () => number
}

/**
 * Writes a shard's archive: everything into a temporary folder, which is renamed when all is on the disk. Throws
 * ToolError; then there is no archive, and nothing is left except what the next write of the same shard removes.
 */
export async function writeArchive(
  setup: ArchiveSetup,
  request: ArchiveRequest,
  report: (rows: number) => Promise<void> | void,
): Promise<WrittenArchive> {
  const { place, instant } = await findFreePlace(setup, request)
  const open = request.database.vitess === undefined ? openSnapshot : openKeyspaceSnapshot
  const snapshot = await open(setup.door, request.database, request.timeouts, request.table)
  try {
    await prepare(setup.directory, place)
    const described = describeShard(setup, request, snapshot, instant)
    const written = await writeRows(place, described, snapshot, report)
    const { rows, checksum, file } = written
    await writeDurably(join(place.temporary, manifestName), manifestText({ ...described, rows, checksum, file }))
    await publish(place)
    return { address: place.address, rows, checksum, sha256: file.sha256, bytes: file.bytes }
  } catch (error) {
    await rm(place.temporary, { recursive: true, force: true }).catch(() => undefined)
    const { name: database, schema, server } = request.database
    throw translateRunError(translateFileError(error, place.folder), { database, schema, server: server.label })
  } finally {
    snapshot.close()
  }
}

/** The first millisecond from now on without an archive: a clock that was set back must not prevent a shard's archive. */
async function findFreePlace(
  { directory, now }: ArchiveSetup,
  { database, shard }: ArchiveRequest,
): Promise<{ readonly place: Place; readonly instant: number }> {
  for (let instant = now(); ; instant += 1) {
    const place = placeOf(directory, database.schema, shard, instant)
    if ((await stat(place.folder).catch(() => null)) === null) return { place, instant }
  }
}

/** Creates the folders durably, and removes what a killed write of the same shard left. */
async function prepare(directory: string, place: Place): Promise<void> {
  const made = await mkdir(place.family, { recursive: true, mode: 0o700 })
  await rm(place.temporary, { recursive: true, force: true })
  await mkdir(place.temporary, { mode: 0o700 })
  if (made === undefined) return
  for (let folder = place.family; folder !== dirname(made); folder = dirname(folder)) await syncFolder(folder)
  await syncFolder(dirname(made)).catch((error: unknown) => {
    // wwdb may not have permission to open folders above the archives' own.
    if (!directory.startsWith(made)) throw error
  })
}

type Described = Omit<Manifest, 'rows' | 'checksum' | 'file'>

function describeShard(setup: ArchiveSetup, request: ArchiveRequest, snapshot: Snapshot, instant: number): Described {
  const { shard, database, table } = request
  const iso = (milliseconds: number): string => new Date(milliseconds).toISOString()
  return {
    format: 1,
    database: database.name,
    schema: database.schema,
    family: shard.family,
    key: shard.key,
    from: shard.from === null ? null : iso(shard.from),
    to: shard.to === null ? null : iso(shard.to),
    table: shard.table,
    templateVersion: shard.templateVersion,
    columns: storedColumns(snapshot.columns).map(({ name }) => name),
    createTable: renameDefinition(snapshot.createTable, table, shard.table, request.ownNames),
    server: snapshot.server,
    toolVersion: setup.toolVersion,
    writtenAt: iso(instant),
  }
}

async function writeRows(
  place: Place,
  described: Described,
  snapshot: Snapshot,
  report: (rows: number) => Promise<void> | void,
): Promise<Pick<Manifest, 'rows' | 'checksum' | 'file'>> {
  const file = await GzipFile.create(join(place.temporary, place.dataName))
  try {
    await file.write(Buffer.from(headerText(described)))
    const batch = new RowBatch(insertLine(described.table, described.columns))
    const flush = async (): Promise<void> => {
      const piece = batch.take()
      if (piece !== null) await file.write(piece, () => batch.recycle(piece))
      await report(batch.sum.rows)
    }
    await snapshot.readRows((text) => {
      batch.add(text)
      return batch.full ? flush() : null
    })
    await flush()
    await file.write(Buffer.from(`${footerLine(batch.sum.rows)}\n`))
    return { ...batch.sum.result(), file: { name: place.dataName, ...(await file.finish()) } }
  } catch (error) {
    await file.abandon()
    throw error
  }
}

async function writeDurably(path: string, text: string): Promise<void> {
  const handle = await open(path, 'wx', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** The archive exists from the rename on. A folder of that name is never replaced: it contains files. */
async function publish(place: Place): Promise<void> {
  await syncFolder(place.temporary)
  await rename(place.temporary, place.folder)
  await syncFolder(place.family)
}

/** A name is durable when its folder is synced. */
async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

const gzip = promisify(gzipWithCallback)

/** Measured on rows of a chat (bench/archive.mjs): as small as level 6, in two thirds of the time. */
const level = 5
/** Compressed in parallel, in zlib's threads. More would only use memory: the disk and the server are slower. */
const inFlight = 3

/** The size and checksum of a file. */
interface WrittenFile {
  readonly bytes: number
  /** Hexadecimal. */
  readonly sha256: string
}

/**
 * Writes a gzip file in pieces that are compressed in parallel: each is its own member, and consecutive members form one
 * valid file (RFC 1952, 2.2). `write` returns when there is room for another piece, so the disk sets the caller's pace.
 */
class GzipFile {
  readonly #handle: FileHandle
  readonly #hash = createHash('sha256')
  readonly #pending: Promise<void>[] = []
  #last: Promise<void> = Promise.resolve()
  #bytes = 0

  private constructor(handle: FileHandle) {
    this.#handle = handle
  }

  /** Readable only by its owner. Throws the file system's error, also when the file exists already. */
  static async create(path: string): Promise<GzipFile> {
    return new GzipFile(await open(path, 'wx', 0o600))
  }

  /** Takes ownership of the piece: it must not be changed until `release` is called. */
  async write(piece: Uint8Array, release: () => void = () => undefined): Promise<void> {
    const compressed = gzip(piece, { level, chunkSize: 256 * 1024 })
    const before = this.#last
    const written = compressed.then(async (member) => {
      release()
      await before
      await this.#append(member)
    })
    // The piece that is awaited throws errors, here or at the end.
    written.catch(() => undefined)
    this.#last = written
    this.#pending.push(written)
    if (this.#pending.length >= inFlight) await this.#pending.shift()
  }

  /** Returns when every byte is on the disk. */
  async finish(): Promise<WrittenFile> {
    await this.#last
    await this.#handle.sync()
    await this.#handle.close()
    return { bytes: this.#bytes, sha256: this.#hash.digest('hex') }
  }

  async abandon(): Promise<void> {
    await this.#last.catch(() => undefined)
    await this.#handle.close().catch(() => undefined)
  }

  async #append(member: Buffer): Promise<void> {
    this.#hash.update(member)
    this.#bytes += member.length
    for (let at = 0; at < member.length; ) at += (await this.#handle.write(member, at)).bytesWritten
  }
}

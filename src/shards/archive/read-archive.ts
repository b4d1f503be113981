import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { pipeline, type Readable } from 'node:stream'
import { crc32, createGunzip } from 'node:zlib'
import type { WrittenArchive } from '../ports.ts'
import { archiveBroken, archiveMissing, isFileMissing, translateFileError } from './archive-errors.ts'
import { folderAt, footerLine, headerText, insertLine, type Manifest, readManifest } from './archive-format.ts'
import { RowSum } from './row-batch.ts'

const chunkBytes = 256 * 1024
const newline = 0x0a

/** An archive whose manifest was read. */
export interface FoundArchive {
  readonly address: string
  readonly folder: string
  readonly manifest: Manifest
}

/** Throws ToolError `ARCHIVE_MISSING`, `ARCHIVE_BROKEN`, `ARCHIVE_DENIED`. */
export async function findArchive(directory: string, address: string): Promise<FoundArchive> {
  const folder = folderAt(directory, address)
  return { address, folder, manifest: await readManifest(folder, address) }
}

/**
 * Reads an archive to its end and checks its size and SHA-256, every gzip member's own checksum, that it contains only
 * the table and rows of its manifest, and their number and checksum.
 */
export async function verifyArchive(found: FoundArchive): Promise<WrittenArchive> {
  const { address, manifest } = found
  const { file, rows, checksum } = manifest
  const sum = new RowSum()
  for await (const batch of readBatches(found)) {
    for (const line of batch) sum.add(crc32(line))
  }
  const read = sum.result()
  if (read.rows !== rows) throw archiveBroken(address, `its manifest has ${rows} rows, its file ${read.rows}`)
  if (read.checksum !== checksum)
    throw archiveBroken(
      address,
      `the rows in its file have the checksum ${read.checksum}, its manifest has ${checksum}`,
    )
  return { address, rows, checksum, sha256: file.sha256, bytes: file.bytes }
}

/** The rows' texts, in groups that were one INSERT. Throws `ARCHIVE_BROKEN` for any other file, at its end at the latest. */
export async function* readBatches(found: FoundArchive): AsyncGenerator<readonly Buffer[]> {
  const { address, manifest } = found
  const expected = Buffer.from(headerText(manifest)).toString('utf8').split('\n').slice(0, -1)
  const head = insertLine(manifest.table, manifest.columns)
  let header = 0
  let batch: Buffer[] | null = null
  let rows = 0
  let ended = false
  for await (const line of readLines(found)) {
    if (header < expected.length) {
      if (line.toString('utf8') !== expected[header]) throw archiveBroken(address, unlike('the start of its file'))
      header += 1
    } else if (batch !== null) {
      const last = isLast(line)
      if (last === null) throw archiveBroken(address, `line ${rows + 1} of its rows is not a row`)
      batch.push(line.subarray(1, -2))
      rows += 1
      if (!last) continue
      yield batch
      batch = null
    } else {
      const text = line.toString('utf8')
      if (ended) throw archiveBroken(address, 'there is more in its file after its last line')
      if (text === head) batch = []
      else if (text === footerLine(manifest.rows)) ended = true
      else throw archiveBroken(address, unlike(`what follows row ${rows}`))
    }
  }
  if (!ended) throw archiveBroken(address, 'its file has no last line')
}

const unlike = (what: string): string => `${what} differs from its manifest`

const last = Buffer.from(');')
const inner = Buffer.from('),')
const open = 0x28

/** Whether a row's line ends its INSERT; null for any other line. */
function isLast(line: Buffer): boolean | null {
  if (line.length < 3 || line[0] !== open) return null
  const end = line.subarray(-2)
  if (end.equals(last)) return true
  return end.equals(inner) ? false : null
}

/** Lines without their line ends. */
async function* readLines(found: FoundArchive): AsyncGenerator<Buffer> {
  let rest: Buffer[] = []
  for await (const chunk of decompress(found)) {
    let start = 0
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      const piece = chunk.subarray(start, end)
      yield rest.length === 0 ? piece : Buffer.concat([...rest, piece])
      rest = []
      start = end + 1
    }
    if (start < chunk.length) rest.push(chunk.subarray(start))
  }
  if (rest.length > 0) throw archiveBroken(found.address, 'its file ends within a line')
}

/** The file's content, while its compressed bytes are summed. Members in a row are one content. */
async function* decompress({ folder, address, manifest }: FoundArchive): AsyncGenerator<Buffer> {
  const path = join(folder, manifest.file.name)
  const hash = createHash('sha256')
  let bytes = 0
  const summed = async function* (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      hash.update(chunk)
      bytes += chunk.length
      yield chunk
    }
  }
  const source = createReadStream(path, { highWaterMark: chunkBytes })
  const content: Readable = pipeline(source, summed, createGunzip({ chunkSize: chunkBytes }), () => undefined)
  try {
    yield* content as AsyncIterable<Buffer>
  } catch (error) {
    throw translateReadError(error, path, address)
  }
  const { file } = manifest
  if (bytes !== file.bytes) throw archiveBroken(address, `its file has ${bytes} bytes, its manifest has ${file.bytes}`)
  if (hash.digest('hex') !== file.sha256)
    throw archiveBroken(address, 'the SHA-256 of its file is not the one in its manifest: the file changed')
}

function translateReadError(error: unknown, path: string, address: string): unknown {
  if (isFileMissing(error)) return archiveMissing(address)
  // zlib's errors are named Z_DATA_ERROR and the like.
  if (error instanceof Error && 'code' in error && String(error.code).startsWith('Z_'))
    return archiveBroken(
      address,
      `its file cannot be decompressed (${error.message}): it was truncated or changed`,
      error,
    )
  return translateFileError(error, path)
}

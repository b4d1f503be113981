import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { manifestName } from './addresses.ts'
import { archiveBroken, archiveMissing, isFileMissing, translateFileError } from './archive-errors.ts'

const instant = z.iso.datetime()
const digest = z.string().check(z.regex(/^[0-9a-f]{64}$/))
const whole = z.int().check(z.nonnegative())

const manifest = z.strictObject({
  format: z.literal(1),
  database: z.string(),
  schema: z.string(),
  family: z.string(),
  key: z.string(),
  from: z.nullable(instant),
  to: z.nullable(instant),
  table: z.string(),
  templateVersion: whole,
  /** Those that the INSERTs name: without the generated ones. */
  columns: z.array(z.string()),
  createTable: z.string(),
  rows: whole,
  checksum: z.string().check(z.regex(/^[0-9a-f]{24}$/)),
  file: z.strictObject({
    name: z.string().check(z.regex(/^[0-9A-Za-z_$][0-9A-Za-z_$-]{0,127}\.sql\.gz$/)),
    sha256: digest,
    bytes: whole,
  }),
  server: z.strictObject({ version: z.string(), uuid: z.string() }),
  toolVersion: z.string(),
  writtenAt: instant,
})

/** What stands beside an archive's file and says all that is needed to check and to load it. */
export type Manifest = z.infer<typeof manifest>

export function manifestText(content: Manifest): string {
  return `${JSON.stringify(content, null, 2)}\n`
}

/** Reads the manifest in an archive's folder. Throws ToolError `ARCHIVE_MISSING`, `ARCHIVE_BROKEN`, `ARCHIVE_DENIED`. */
export async function readManifest(folder: string, address: string): Promise<Manifest> {
  const path = join(folder, manifestName)
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw isFileMissing(error) ? archiveMissing(address) : translateFileError(error, path)
  })
  const parsed = manifest.safeParse(parseJson(text))
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw archiveBroken(address, `its manifest is not one of wwdb: ${issue?.path.join('.')}: ${issue?.message}`)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

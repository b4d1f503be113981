import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod/mini'
import { type StoreKind, storeKinds } from '../../core/store.ts'
import { makePrivateFolder, writePrivateFile } from '../../sandbox/private-files.ts'

const node = z.strictObject({ port: z.int(), pid: z.nullable(z.int()), directory: z.string() })

const schema = z.strictObject({
  format: z.literal(1),
  stores: z.partialRecord(
    z.enum(storeKinds),
    z.strictObject({ version: z.nullable(z.string()), nodes: z.array(node) }),
  ),
})

/** One store of a sandbox. */
export interface StoreState {
  /** Null until it has run. */
  readonly version: string | null
  readonly nodes: readonly { readonly port: number; readonly pid: number | null; readonly directory: string }[]
}

/** The stores of a sandbox, and the password they were started with. */
export interface SandboxStores {
  readonly secret: string
  readonly stores: Readonly<Partial<Record<StoreKind, StoreState>>>
}

function stateFile(directory: string): string {
  return join(directory, 'stores.json')
}

/**
 * The password of the sandbox's stores, made when it is first asked for. It has a file of its own: servers that run keep theirs, also when
 * `stores.json` is lost.
 */
export async function obtainSecret(directory: string): Promise<string> {
  const known = await readSecret(directory)
  if (known !== null) return known
  const secret = randomBytes(18).toString('hex')
  await makePrivateFolder(directory)
  await writePrivateFile(secretFile(directory), `${secret}\n`)
  return secret
}

async function readSecret(directory: string): Promise<string | null> {
  const text = await readFile(secretFile(directory), 'utf8').catch(() => '')
  return text.trim() === '' ? null : text.trim()
}

/** The file, readable by its owner alone, whose first line is that password. */
export function secretFile(directory: string): string {
  return join(directory, 'stores.password')
}

/** Null when there are none; a file that cannot be read counts as none. */
export async function readStores(directory: string): Promise<SandboxStores | null> {
  try {
    const { stores } = z.parse(schema, JSON.parse(await readFile(stateFile(directory), 'utf8')))
    return { secret: (await readSecret(directory)) ?? '', stores: stores as SandboxStores['stores'] }
  } catch {
    return null
  }
}

/** Readable by its owner alone. */
export async function writeStores(directory: string, { stores }: SandboxStores): Promise<void> {
  await makePrivateFolder(directory)
  await writePrivateFile(stateFile(directory), `${JSON.stringify({ format: 1, stores }, null, 2)}\n`)
}

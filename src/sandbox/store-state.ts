import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pid } from 'node:process'
import * as z from 'zod/mini'
import { type StoreKind, storeKinds } from '../domain/stores/store.ts'

const node = z.strictObject({ port: z.int(), pid: z.nullable(z.int()), directory: z.string() })

const schema = z.strictObject({
  format: z.literal(1),
  secret: z.string(),
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

/** The stores of a sandbox, and what those of them use as a password that cannot be without one. */
export interface SandboxStores {
  readonly secret: string
  readonly stores: Readonly<Partial<Record<StoreKind, StoreState>>>
}

function stateFile(directory: string): string {
  return join(directory, 'stores.json')
}

/** Null when there are none; a file that cannot be read counts as none. */
export async function readStores(directory: string): Promise<SandboxStores | null> {
  try {
    const { secret, stores } = z.parse(schema, JSON.parse(await readFile(stateFile(directory), 'utf8')))
    return { secret, stores: stores as SandboxStores['stores'] }
  } catch {
    return null
  }
}

/** Readable by its owner alone; written beside and renamed. */
export async function writeStores(directory: string, state: SandboxStores): Promise<void> {
  await mkdir(directory, { recursive: true })
  const file = stateFile(directory)
  await writeFile(`${file}.${pid}`, `${JSON.stringify({ format: 1, ...state }, null, 2)}\n`, { mode: 0o600 })
  await rename(`${file}.${pid}`, file)
}

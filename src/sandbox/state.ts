import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pid } from 'node:process'
import * as z from 'zod/mini'

/** Ways to obtain a server, in order of preference. */
const providers = ['url', 'docker', 'installed', 'portable'] as const

export type Provider = (typeof providers)[number]

const schema = z.strictObject({
  format: z.literal(1),
  provider: z.enum(providers),
  host: z.string(),
  port: z.int(),
  socket: z.nullable(z.string()),
  version: z.string(),
  bin: z.nullable(z.string()),
  pid: z.nullable(z.int()),
  container: z.nullable(z.string()),
})

/** What is known of a sandbox's server. Holds no secret: its user root has no password. */
export interface SandboxState {
  readonly provider: Provider
  readonly host: string
  readonly port: number
  readonly socket: string | null
  readonly version: string
  /** The folder with `mysql` and `mysqldump`, or null where there are none. */
  readonly bin: string | null
  readonly pid: number | null
  /** Docker's id of the container. */
  readonly container: string | null
}

/** The file in the sandbox's folder that remembers its server between runs of the tool. */
function stateFile(directory: string): string {
  return join(directory, 'state.json')
}

/** Null when there is none; one that cannot be read counts as none, since the server itself is looked at anyway. */
export async function readState(directory: string): Promise<SandboxState | null> {
  try {
    const { format: _, ...state } = z.parse(schema, JSON.parse(await readFile(stateFile(directory), 'utf8')))
    return state
  } catch {
    return null
  }
}

/** Written beside and renamed, so that a reader sees the old one or the new one. */
export async function writeState(directory: string, state: SandboxState): Promise<void> {
  await mkdir(directory, { recursive: true })
  const file = stateFile(directory)
  await writeFile(`${file}.${pid}`, `${JSON.stringify({ format: 1, ...state }, null, 2)}\n`)
  await rename(`${file}.${pid}`, file)
}

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod/mini'
import { makePrivateFolder, writePrivateFile } from './folder.ts'

/** Ways to obtain a server, in order of preference. */
const providers = ['url', 'docker', 'installed', 'portable'] as const

export type Provider = (typeof providers)[number]

const schema = z.strictObject({
  format: z.literal([1, 2]),
  provider: z.enum(providers),
  host: z.string(),
  port: z.int(),
  socket: z.nullable(z.string()),
  version: z.string(),
  // Format 1 had none: its server gets one when it is started next.
  password: z._default(z.nullable(z.string()), null),
  bin: z.nullable(z.string()),
  pid: z.nullable(z.int()),
  container: z.nullable(z.string()),
})

/** What is known of a sandbox's server. It holds the password of root: only its owner may read the file. */
export interface SandboxState {
  readonly provider: Provider
  readonly host: string
  readonly port: number
  readonly socket: string | null
  readonly version: string
  /** The password of root; null for a server that was given, whose URL has it. */
  readonly password: string | null
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

/** Readable by its owner alone. Written beside and renamed, so that a reader sees the old one or the new one. */
export async function writeState(directory: string, state: SandboxState): Promise<void> {
  await makePrivateFolder(directory)
  await writePrivateFile(stateFile(directory), `${JSON.stringify({ format: 2, ...state }, null, 2)}\n`)
}

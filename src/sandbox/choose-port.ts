import { readdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isPortFree, portInUse } from './local-server.ts'
import { commandLine, waitUntil } from './process.ts'

export interface PortChoice {
  /** Where the sandbox is to listen. */
  readonly port: number
  /** A person named this port: then no other one is taken. */
  readonly portIsGiven: boolean
  /** Where the server of this folder listened last; null for a new sandbox. */
  readonly earlier: number | null
  readonly report: (message: string) => void
}

/** Far enough apart for the stores of one sandbox, which listen on the 99 ports above their MySQL. */
const distance = 100
const attempts = 20

/**
 * The port on which the sandbox starts. Without a port that a person named, a sandbox keeps the one it had, and a new one moves up by a hundred
 * until a port is free: a second project on the same machine needs no configuration.
 * @throws ToolError PORT_IN_USE with the folder of the sandbox that has the port, where it is one.
 */
export async function choosePort({ port, portIsGiven, earlier, report }: PortChoice): Promise<number> {
  const wanted = portIsGiven ? port : (earlier ?? port)
  // A server that was just killed may hold its port a moment longer.
  if (await waitUntil(() => isPortFree(wanted), earlier === null ? 0 : 3_000)) return wanted
  const owner = await findSandboxOn(wanted)
  if (portIsGiven) throw portInUse(wanted, owner)
  for (let step = 1; step <= attempts; step++) {
    const next = wanted + step * distance
    if (!(await isPortFree(next))) continue
    const holder = owner === null ? 'another program' : `the sandbox in \`${owner}\``
    report(`Port ${wanted} is in use by ${holder}; this sandbox listens on port ${next}.`)
    return next
  }
  throw portInUse(wanted, owner)
}

/** The folder of the sandbox whose MySQL listens on this port; null where it is another program, or the machine does not show its processes. */
async function findSandboxOn(port: number): Promise<string | null> {
  const names = await readdir('/proc').catch(() => [])
  for (const name of names) {
    if (!/^\d+$/.test(name)) continue
    const words = await commandLine(Number(name))
    const data = words.find((word) => word.startsWith('--datadir='))
    if (data !== undefined && words.includes(`--port=${port}`)) return dirname(data.slice('--datadir='.length))
  }
  return null
}

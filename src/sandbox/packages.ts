import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { arch, kill } from 'node:process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { ToolError } from '../core/tool-error.ts'
import { cacheDirectory } from './cache.ts'
import { waitUntil } from './process.ts'
import { interruption } from './server-fault.ts'

const script = fileURLToPath(new URL('./provision-mysql.sh', import.meta.url))

/** What the script says when this machine is not made for it: tools or apt sources are missing. */
const notHere: ReadonlySet<number | null> = new Set([3, 4, 127])

/**
 * Unpacks Debian packages into a folder of the cache, unless they are there; returns the folder, or null where there is
 * no Debian to take them from. The first time takes 5 to 30 seconds and about 65 MB.
 * @throws ToolError SANDBOX_FETCH_FAILED when this is Debian and it did not work; STOPPED.
 */
export async function fetchPackages(
  name: string,
  packages: readonly string[],
  interrupted: () => boolean = () => false,
): Promise<string | null> {
  const prefix = join(cacheDirectory(), `${name}-${arch}`)
  // A group of its own, so that all of it can be ended, apt's helpers included.
  const child = spawn('bash', [script, prefix, ...packages], { detached: true, stdio: ['ignore', 'ignore', 'pipe'] })
  const said = text(child.stderr)
  const code = await exitOf(child, interrupted)
  if (interrupted()) throw interruption()
  if (code === 0) return prefix
  if (notHere.has(code)) return null
  throw new ToolError('SANDBOX_FETCH_FAILED', {
    what: 'MySQL could not be fetched from Debian’s packages.',
    why: (await said).trim().split('\n').slice(-4).join(' '),
    next: 'Try again, install MySQL 8 or later, or name a running server with WWDB_SANDBOX_URL.',
  })
}

/** Waits for its end and ends it when interrupted. 127 when it could not be started at all. */
async function exitOf(child: ChildProcess, interrupted: () => boolean): Promise<number | null> {
  let ended: { readonly code: number | null } | null = null
  child.once('error', () => {
    ended = { code: 127 }
  })
  child.once('close', (code) => {
    ended ??= { code }
  })
  await waitUntil(() => ended !== null || interrupted(), 30 * 60_000)
  if (ended === null && child.pid !== undefined) kill(-child.pid, 'SIGTERM')
  await waitUntil(() => ended !== null, 10_000)
  return (ended as { readonly code: number | null } | null)?.code ?? null
}

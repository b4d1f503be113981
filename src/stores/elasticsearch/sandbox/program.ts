import { type ChildProcess, spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { arch, kill } from 'node:process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { ToolError } from '../../../core/tool-error.ts'
import { cacheDirectory } from '../../../sandbox/cache.ts'
import { waitUntil } from '../../../sandbox/process.ts'
import { interruption } from '../../../sandbox/server-fault.ts'

/** An Elasticsearch that can be started on this machine. */
export interface ElasticsearchProgram {
  /** Absolute; what the launcher gets as its home. */
  readonly home: string
  /** `8.19.21`. */
  readonly version: string
}

const script = fileURLToPath(new URL('./elasticsearch-jars/provision.sh', import.meta.url))

/** What the script says when this machine lacks what it needs. */
const toolsMissing: ReadonlySet<number | null> = new Set([3, 127])

/**
 * A node made of the jars that Elasticsearch publishes with Maven, laid out in the cache when it is first needed (about 20 seconds and 67 MB).
 * @throws ToolError SANDBOX_UNAVAILABLE without JDK 17 and Maven; SANDBOX_FETCH_FAILED, STOPPED.
 */
export async function findElasticsearch(interrupted: () => boolean = () => false): Promise<ElasticsearchProgram> {
  // A group of its own, so that all of it can be ended, Maven included.
  const child = spawn('bash', [script, join(cacheDirectory(), `elasticsearch-${arch}`)], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [printed, said] = [text(child.stdout), text(child.stderr)]
  const code = await exitOf(child, interrupted)
  if (interrupted()) throw interruption()
  if (code === 0) {
    const home = join((await printed).trim().split('\n').at(-1) ?? '', 'home')
    return { home, version: (await readFile(join(home, 'version'), 'utf8')).trim() }
  }
  throw fetchFailure(code, await said)
}

function fetchFailure(code: number | null, said: string): ToolError {
  const why = said.trim().split('\n').slice(-4).join(' ')
  if (toolsMissing.has(code)) {
    return new ToolError('SANDBOX_UNAVAILABLE', {
      what: 'Elasticsearch cannot be started on this machine without Docker, JDK 17 and Maven.',
      why,
      next: 'Install them, or name a running server with stores.elasticsearch.url in the configuration.',
    })
  }
  return new ToolError('SANDBOX_FETCH_FAILED', {
    what: 'Elasticsearch could not be fetched with Maven.',
    why,
    next: 'Try again, or name a running server with stores.elasticsearch.url in the configuration.',
  })
}

async function exitOf(child: ChildProcess, interrupted: () => boolean): Promise<number | null> {
  let ended: { readonly code: number | null } | null = null
  const end = (code: number | null): void => {
    ended ??= { code }
  }
  child.once('error', () => end(127))
  child.once('close', end)
  await waitUntil(() => ended !== null || interrupted(), 30 * 60_000)
  if (ended === null && child.pid !== undefined) kill(-child.pid, 'SIGTERM')
  await waitUntil(() => ended !== null, 10_000)
  return (ended as { readonly code: number | null } | null)?.code ?? null
}

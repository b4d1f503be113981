import { ToolError } from '../core/tool-error.ts'
import { readGreeting } from './greeting.ts'
import type { SandboxState } from './state.ts'
import { isSupported, parseVersion } from './version.ts'

/**
 * Looks at a server that is there already: nothing is started, and its password is neither used nor kept.
 * @throws ToolError UNREACHABLE (exit 69) when nobody answers, SANDBOX_FAILED when it is not MySQL 8 or later.
 */
export async function inspectGiven(url: string): Promise<SandboxState> {
  const parsed = new URL(url)
  const host = parsed.hostname.replace(/^\[|\]$/g, '')
  const port = Number(parsed.port || 3306)
  const socket = parsed.searchParams.get('socket')
  const server = socket ?? `${host}:${port}`
  const greeting = await readGreeting(socket === null ? { host, port } : { path: socket }, 10_000)
  if (greeting.type !== 'server') {
    throw new ToolError('UNREACHABLE', {
      what: `No MySQL answers at ${server}.`,
      where: { server },
      ...(greeting.type === 'refusal' ? { why: greeting.message } : {}),
      next: 'Start it, correct sandbox.url, or leave that out to have a server started.',
    })
  }
  const version = parseVersion(greeting.version)
  if (!isSupported(version)) {
    throw new ToolError('SANDBOX_FAILED', {
      what: `The server at ${server} is ${greeting.version}; wwdb needs MySQL 8 or later.`,
      where: { server },
      next: 'Give another server, or none to have one started.',
    })
  }
  return {
    provider: 'url',
    host,
    port,
    socket,
    version: version.text,
    password: null,
    bin: null,
    pid: null,
    container: null,
  }
}

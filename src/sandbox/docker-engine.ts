import { access } from 'node:fs/promises'
import { request } from 'node:http'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { env } from 'node:process'

/** Where a Docker engine may listen. */
export type EngineAddress =
  | { readonly type: 'socket'; readonly path: string }
  | { readonly type: 'tcp'; readonly host: string; readonly port: number }

export interface EngineAnswer {
  readonly status: number
  readonly body: string
}

/** How long an engine may take to say that it is there, in milliseconds: a desktop one that sleeps must not hold us up. */
const patience = 2_000

/** Reads DOCKER_HOST; null for what we do not speak (ssh, TLS). */
export function parseEngineAddress(text: string): EngineAddress | null {
  if (text.startsWith('unix://')) return { type: 'socket', path: text.slice('unix://'.length) }
  const tcp = /^(?:tcp|http):\/\/([^:/]+):(\d+)\/?$/.exec(text)
  return tcp?.[1] === undefined ? null : { type: 'tcp', host: tcp[1], port: Number(tcp[2]) }
}

/** The engine of DOCKER_HOST or one of the usual sockets, if it answers within two seconds; else null. */
export async function findEngine(): Promise<EngineAddress | null> {
  const named = env['DOCKER_HOST'] ? parseEngineAddress(env['DOCKER_HOST']) : null
  const usual = ['/var/run/docker.sock', join(homedir(), '.docker', 'run', 'docker.sock')]
  const candidates = env['DOCKER_HOST'] ? [named] : usual.map((path): EngineAddress => ({ type: 'socket', path }))
  for (const address of candidates) {
    if (address !== null && (await isReachable(address))) return address
  }
  return null
}

async function isReachable(address: EngineAddress): Promise<boolean> {
  try {
    if (address.type === 'socket') await access(address.path)
    return (await askEngine(address, 'GET', '/_ping', patience)).status === 200
  } catch {
    return false
  }
}

/** One request to the engine's API. Rejects when it does not answer in time (milliseconds). */
export function askEngine(
  address: EngineAddress,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  timeout: number,
): Promise<EngineAnswer> {
  const where = address.type === 'socket' ? { socketPath: address.path } : { host: address.host, port: address.port }
  return new Promise((settle, reject) => {
    const call = request({ ...where, method, path, timeout, headers: { host: 'docker' } }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        body += chunk
      })
      response.on('end', () => settle({ status: response.statusCode ?? 0, body }))
      response.on('error', reject)
    })
    call.on('timeout', () => call.destroy(new Error(`the Docker engine did not answer within ${timeout} ms`)))
    call.on('error', reject)
    call.end()
  })
}

import { access } from 'node:fs/promises'
import { request } from 'node:http'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { env } from 'node:process'
import * as z from 'zod/mini'
import { ToolError } from '../core/tool-error.ts'

const inspection = z.object({ State: z.object({ Running: z.boolean() }) })

const creation = z.object({ Id: z.string() })

/** Where a Docker engine may listen. */
export type EngineAddress =
  | { readonly type: 'socket'; readonly path: string }
  | { readonly type: 'tcp'; readonly host: string; readonly port: number }

export interface EngineAnswer {
  readonly status: number
  readonly body: string
}

/** How long an engine may take to answer a ping, in milliseconds: a sleeping desktop engine must not delay the start. */
const pingTimeout = 2_000

/** How long it may take to stop, start or remove a container, in milliseconds. */
const actionTimeout = 90_000

/** How long it may take to pull an image, in milliseconds. */
const pullTimeout = 30 * 60_000

/** Reads DOCKER_HOST; null for what is not supported (ssh, TLS). */
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
    return (await askEngine(address, 'GET', '/_ping', pingTimeout)).status === 200
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
  content?: unknown,
): Promise<EngineAnswer> {
  const where = address.type === 'socket' ? { socketPath: address.path } : { host: address.host, port: address.port }
  return new Promise((settle, reject) => {
    const call = request(
      { ...where, method, path, timeout, headers: { host: 'docker', 'content-type': 'application/json' } },
      (response) => {
        let body = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => {
          body += chunk
        })
        response.on('end', () => settle({ status: response.statusCode ?? 0, body }))
        response.on('error', reject)
      },
    )
    call.on('timeout', () => call.destroy(new Error(`the Docker engine did not answer within ${timeout} ms`)))
    call.on('error', reject)
    call.end(content === undefined ? undefined : JSON.stringify(content))
  })
}

/** A server without a local program, as a container of its official image. */
export interface Container {
  readonly name: string
  /** With its tag. */
  readonly image: string
  /** The port that the server listens on in the container, and the one of 127.0.0.1 that leads to it. */
  readonly ports: { readonly inside: number; readonly outside: number }
  readonly environment: Readonly<Record<string, string>>
  /** Instead of the image's own command. */
  readonly command?: readonly string[]
  /** The sandbox's folder. */
  readonly directory: string
}

/**
 * Creates and starts a container that keeps its data until it is removed; an existing one of this name is started. Returns its id, or null where no
 * Docker engine answers.
 * @param report receives that the image is pulled.
 * @throws ToolError SANDBOX_FAILED with the answer of the engine.
 */
export async function runContainer(
  { name, image, ports, environment, command, directory }: Container,
  report: (message: string) => void,
): Promise<string | null> {
  const engine = await findEngine()
  if (engine === null) return null
  if ((await askEngine(engine, 'GET', `/images/${image}/json`, actionTimeout)).status === 404) {
    report(`Pulling the image ${image} with Docker, once (several hundred MB).`)
    const at = image.lastIndexOf(':')
    const [from, tag] = [image.slice(0, at), image.slice(at + 1)]
    const path = `/images/create?fromImage=${encodeURIComponent(from)}&tag=${tag}`
    accept(await askEngine(engine, 'POST', path, pullTimeout))
  }
  const created = await askEngine(engine, 'POST', `/containers/create?name=${name}`, actionTimeout, {
    Image: image,
    Env: Object.entries(environment).map(([key, value]) => `${key}=${value}`),
    ...(command === undefined ? {} : { Cmd: command }),
    Labels: { 'wwdb.sandbox': directory },
    ExposedPorts: { [`${ports.inside}/tcp`]: {} },
    HostConfig: {
      PortBindings: { [`${ports.inside}/tcp`]: [{ HostIp: '127.0.0.1', HostPort: String(ports.outside) }] },
    },
  })
  // 409: a run that was killed made it and did not record it.
  const id = created.status === 409 ? name : z.parse(creation, JSON.parse(accept(created).body)).Id
  accept(await askEngine(engine, 'POST', `/containers/${id}/start`, actionTimeout))
  return id
}

/** Starts a stopped container; false when it no longer exists. */
export async function restartContainer(container: string): Promise<boolean> {
  return (await ask('POST', `/containers/${container}/start`)) !== 404
}

/** True when the container of this sandbox runs. */
export async function isContainerRunning(container: string): Promise<boolean> {
  const engine = await findEngine()
  if (engine === null) return false
  const { status, body } = await askEngine(engine, 'GET', `/containers/${container}/json`, actionTimeout)
  return status === 200 && z.parse(inspection, JSON.parse(body)).State.Running
}

/** Stops the container and waits for its end; one that does not exist counts as stopped. */
export async function stopContainer(container: string): Promise<void> {
  await ask('POST', `/containers/${container}/stop?t=60`)
}

/** Removes the container with its data. */
export async function removeContainer(container: string): Promise<void> {
  await ask('DELETE', `/containers/${container}?v=true&force=true`)
}

async function ask(method: 'POST' | 'DELETE', path: string): Promise<number> {
  const engine = await findEngine()
  if (engine === null) {
    throw new ToolError('SANDBOX_FAILED', {
      what: 'The sandbox runs in Docker, but no Docker engine answers.',
      next: 'Start Docker and retry.',
    })
  }
  const { status, body } = await askEngine(engine, method, path, actionTimeout)
  // 304: it is in that state already. 404: it does not exist.
  if (status < 400 || status === 404) return status
  throw refusal(body)
}

/** The answer itself unless it is a refusal. */
function accept(answer: EngineAnswer): EngineAnswer {
  if (answer.status < 400) return answer
  throw refusal(answer.body)
}

function refusal(body: string): ToolError {
  return new ToolError('SANDBOX_FAILED', {
    what: 'The Docker engine refused the request.',
    why: body.slice(0, 300),
    next: 'See `docker ps -a`.',
  })
}

import { createHash } from 'node:crypto'
import { basename, dirname } from 'node:path'
import * as z from 'zod/mini'
import { ToolError } from '../core/tool-error.ts'
import { askEngine, findEngine } from './docker-engine.ts'
import { readGreeting } from './greeting.ts'
import { waitUntil } from './process.ts'
import type { SandboxState } from './state.ts'
import { parseVersion } from './version.ts'

/** The official image, at the newest of the series that is tested. */
const image = 'mysql:9'

const inspection = z.object({ State: z.object({ Running: z.boolean() }) })

/** How long the engine may take to stop, start or remove a container, in milliseconds. */
const patience = 90_000

/**
 * Starts the official image on 127.0.0.1, through testcontainers. Returns null where no engine answers quickly or the
 * optional package testcontainers is not installed. Its root has the password. The container outlives this process and keeps the data, unless `lasting`
 * is false: then testcontainers removes it when this process has ended.
 * @throws whatever the engine says when it is there and does not do it.
 */
export async function startContainer(
  directory: string,
  port: number,
  password: string,
  lasting = true,
): Promise<SandboxState | null> {
  if ((await findEngine()) === null) return null
  const testcontainers = await import('testcontainers').catch(() => null)
  if (testcontainers === null) return null
  /** testcontainers publishes on every address of the machine; this one on its own only. */
  class LocalContainer extends testcontainers.GenericContainer {
    protected override async beforeContainerCreated(): Promise<void> {
      this.hostConfig.PortBindings = { '3306/tcp': [{ HostIp: '127.0.0.1', HostPort: String(port) }] }
    }
  }
  const container = new LocalContainer(image)
    .withName(containerName(directory))
    .withLabels({ 'wwdb.sandbox': directory })
    .withEnvironment({ MYSQL_ROOT_PASSWORD: password })
    .withCommand(['--secure-file-priv=NULL'])
    .withExposedPorts({ container: 3306, host: port })
    .withStartupTimeout(180_000)
  // What is reused is not reaped when this process ends.
  const started = await (lasting ? container.withReuse() : container).start()
  return describeContainer(started.getId(), port, password)
}

/** Starts a container that was stopped; null when it is gone. */
export async function restartContainer(state: SandboxState): Promise<SandboxState | null> {
  const status = await ask('POST', `/containers/${state.container}/start`)
  return status === 404 ? null : describeContainer(String(state.container), state.port, state.password)
}

/** True when the container of this sandbox runs. */
export async function isContainerRunning(container: string): Promise<boolean> {
  const engine = await findEngine()
  if (engine === null) return false
  const { status, body } = await askEngine(engine, 'GET', `/containers/${container}/json`, patience)
  return status === 200 && z.parse(inspection, JSON.parse(body)).State.Running
}

/** Stops the container and waits for its end; one that is gone is stopped. */
export async function stopContainer(container: string): Promise<void> {
  await ask('POST', `/containers/${container}/stop?t=60`)
}

/** Removes the container with its data. */
export async function removeContainer(container: string): Promise<void> {
  await ask('DELETE', `/containers/${container}?v=true&force=true`)
}

/** Distinct by folder, and readable in `docker ps`. */
export function containerName(directory: string): string {
  const digest = createHash('sha256').update(directory).digest('hex').slice(0, 8)
  const project = basename(dirname(dirname(directory))).replace(/[^a-zA-Z0-9_.-]/g, '')
  return `wwdb-sandbox-${project === '' ? '' : `${project}-`}${digest}`
}

async function describeContainer(container: string, port: number, password: string | null): Promise<SandboxState> {
  let version: string | null = null
  await waitUntil(async () => {
    const greeting = await readGreeting({ host: '127.0.0.1', port }, 2_000)
    version = greeting.type === 'server' ? greeting.version : null
    return version !== null
  }, 120_000)
  if (version === null) {
    throw new ToolError('SANDBOX_FAILED', {
      what: `The MySQL in container ${container.slice(0, 12)} does not answer on port ${port}.`,
      next: `Read \`docker logs ${container.slice(0, 12)}\`.`,
    })
  }
  return {
    provider: 'docker',
    host: '127.0.0.1',
    port,
    socket: null,
    version: parseVersion(version)?.text ?? version,
    password,
    bin: null,
    pid: null,
    container,
  }
}

async function ask(method: 'POST' | 'DELETE', path: string): Promise<number> {
  const engine = await findEngine()
  if (engine === null) {
    throw new ToolError('SANDBOX_FAILED', {
      what: 'The sandbox runs in Docker, and no Docker engine answers.',
      next: 'Start Docker and try again.',
    })
  }
  const { status, body } = await askEngine(engine, method, path, patience)
  // 304: it is so already. 404: it is gone.
  if (status < 400 || status === 404) return status
  throw new ToolError('SANDBOX_FAILED', {
    what: 'Docker refused to do it.',
    why: body.slice(0, 300),
    next: 'See `docker ps -a`.',
  })
}

import { createHash } from 'node:crypto'
import { basename, dirname } from 'node:path'
import { ToolError } from '../core/tool-error.ts'
import { findEngine, restartContainer } from './docker-engine.ts'
import type { SandboxState } from './folder.ts'
import { readHandshake } from './handshake.ts'
import { parseVersion } from './mysql-program.ts'
import { waitUntil } from './process.ts'

/** The official image, at the newest of the series that is tested. */
const image = 'mysql:9'

/**
 * Starts the official image on 127.0.0.1, through testcontainers. Returns null where no engine answers quickly or the
 * optional package testcontainers is not installed. Its root has the password. The container outlives this process and keeps the data, unless `lasting`
 * is false: then testcontainers removes it when this process has ended.
 * @throws the error of testcontainers when an engine answers and does not start the container.
 */
export async function startMysqlContainer(
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
  // A reused container is not removed when this process ends.
  const started = await (lasting ? container.withReuse() : container).start()
  return describeContainer(started.getId(), port, password)
}

/** Starts a stopped container; null when it no longer exists. */
export async function restartMysqlContainer(state: SandboxState): Promise<SandboxState | null> {
  const container = String(state.container)
  return (await restartContainer(container)) ? describeContainer(container, state.port, state.password) : null
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
    const handshake = await readHandshake({ host: '127.0.0.1', port }, 2_000)
    version = handshake.type === 'server' ? handshake.version : null
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

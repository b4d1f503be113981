import type { Trail } from '../audit/trail.ts'
import type { Config } from '../config/config.ts'
import type { Context } from '../core/context.ts'
import { toolVersion } from '../core/tool-version.ts'
import type { DriverOptions } from '../migrations/mysql/session.ts'
import type { ServerPort } from '../migrations/ports.ts'
import type { ShardLedgers } from '../shards/fan-out/ports.ts'
import type { ShardServers } from '../shards/ports.ts'
import {
  type Announce,
  announceProvisionServers,
  announceSchemaServers,
  announceServers,
  announceShardServers,
} from './announce.ts'
import { auditAccountServers, auditProvisionServers, auditServers, auditShardServers } from './auditing.ts'
import { once } from './once.ts'
import type { ProcessEnvironment } from './process-environment.ts'

/** What the parts of the driver are made from. */
interface MysqlWiring {
  readonly host: ProcessEnvironment
  readonly announce: Announce
  readonly runId: string | null
  readonly trail: Trail | null
  readonly config: () => Promise<Config>
  /** `--target`. */
  readonly targets: readonly string[]
}

/** The parts of the MySQL driver, each loaded when it is first asked for. What they write is in the trail of the run. */
export function createMysqlContext({ host, announce, runId, trail, config, targets }: MysqlWiring): Context['mysql'] {
  return {
    servers: once(async () =>
      auditServers(announceServers(await openServers(host, runId), announce), trail, { config, targets }),
    ),
    shardServers: once(async () =>
      auditShardServers(announceShardServers(await openShardServers(host, runId), announce), trail),
    ),
    shardLedgers: once(() => openShardLedgers(host, runId)),
    schemaServers: once(async () =>
      announceSchemaServers((await import('../schema/mysql/servers.ts')).createSchemaServers(), announce),
    ),
    accountServers: once(async () =>
      auditAccountServers((await import('../grants/mysql/accounts.ts')).accountServers, trail, config),
    ),
    runLedgers: once(async () => (await import('../audit/mysql/run-ledger.ts')).runLedgers),
    doctorServers: once(async () => (await import('../doctor/mysql/servers.ts')).doctorServers),
    provisionServers: once(async () => {
      const { provisionServers } = await import('../provision/mysql/servers.ts')
      return auditProvisionServers(announceProvisionServers(provisionServers, announce), trail)
    }),
  }
}

async function openServers(host: ProcessEnvironment, runId: string | null): Promise<ServerPort> {
  const { createServerPort } = await import('../migrations/mysql/servers.ts')
  return createServerPort(describeOutside(host, runId))
}

async function openShardLedgers(host: ProcessEnvironment, runId: string | null): Promise<ShardLedgers> {
  const { createShardLedgers } = await import('../shards/mysql/ledger.ts')
  return createShardLedgers(describeOutside(host, runId))
}

/** What the driver needs to know that the server does not. */
function describeOutside(host: ProcessEnvironment, runId: string | null): DriverOptions {
  return {
    runner: {
      name: `${host.user}@${host.hostname}`,
      process: `${host.hostname}:${host.processId}`,
      toolVersion,
      ...(runId !== null && { runId }),
    },
    isAlive: judgeProcesses(host),
  }
}

async function openShardServers(host: ProcessEnvironment, runId: string | null): Promise<ShardServers> {
  const { createShardServers } = await import('../shards/mysql/servers.ts')
  return createShardServers(judgeProcesses(host), runId)
}

/** Whether a process of this host lives; null for a process of another host. */
function judgeProcesses(host: ProcessEnvironment): (hostname: string, processId: number) => boolean | null {
  return (hostname, processId) => (hostname === host.hostname ? host.isRunning(processId) : null)
}

import type { Trail } from '../audit/trail.ts'
import type { Config } from '../config/config.ts'
import { toolVersion } from '../core/tool-version.ts'
import type { Door, ProcessIdentity } from '../mysql/door.ts'
import type { ProcessEnvironment } from './process-environment.ts'
import type { Announce } from './warn-once.ts'

/** What the door to MySQL servers needs. */
interface DoorWiring {
  readonly host: ProcessEnvironment
  readonly announce: Announce
  readonly runId: string | null
  readonly trail: Trail | null
  readonly config: () => Promise<Config>
  /** `--target`. */
  readonly targets: readonly string[]
}

/** Opens the door to MySQL servers: the run's trail records every write. */
export async function openDoor({ host, announce, runId, trail, config, targets }: DoorWiring): Promise<Door> {
  const [{ createDoor }, { recordIn }] = await Promise.all([
    import('../mysql/open.ts'),
    import('../audit/record-run.ts'),
  ])
  const record = trail === null ? null : recordIn(trail, { config, targets })
  return createDoor({
    process: describeProcess(host, runId),
    announce,
    record,
    guard: async () => (await config()).guard,
  })
}

function describeProcess(host: ProcessEnvironment, runId: string | null): ProcessIdentity {
  return {
    runner: {
      name: `${host.user}@${host.hostname}`,
      process: `${host.hostname}:${host.processId}`,
      toolVersion,
      ...(runId !== null && { runId }),
    },
    ...(host.sendsAlone === true && { sendsAlone: true }),
    isAlive: (hostname, processId) => (hostname === host.hostname ? host.isRunning(processId) : null),
  }
}

import { type Moment, openWireProxy, type WireCommand } from '../../helpers/mysql/wire-proxy.ts'
import type { ToolRun } from '../../helpers/tool/tool.ts'
import { isConnected, waitFor, withDatabase } from './database.ts'
import type { Fixture } from './fixture.ts'

/** What dies. */
export type Fault =
  /** SIGKILL to the tool. */
  | 'runner'
  /** KILL of its connection, by another session. */
  | 'connection'
  /** SIGKILL to mysqld, which is started again when the tool has ended. */
  | 'server'

/** A point at which something dies: a moment of a command of the working connection, counted from 1. */
export interface KillPoint {
  readonly index: number
  readonly moment: Moment
}

/** The connection that holds the lock and runs the statements is the first one that a run opens. */
const working = 1

/** Every command of an uninterrupted run's working connection. */
export async function recordCommands(
  fixture: Fixture,
  args: readonly string[],
  schema: string,
): Promise<{ readonly commands: readonly WireCommand[]; readonly run: ToolRun }> {
  const commands: WireCommand[] = []
  const proxy = await openWireProxy(fixture.server.port, async (command, moment) => {
    if (command.connection === working && moment === 'before') commands.push(command)
    return 'pass'
  })
  const run = await fixture.run(args, schema, proxy.port)
  await proxy.close()
  return { commands, run }
}

export interface Injected {
  /** Null when the run ended before it came to the point. */
  readonly command: WireCommand | null
  readonly run: ToolRun
}

/**
 * Runs the tool and lets something die at an exact point. Returns when the tool has ended and, where the server died, when
 * it answers again; an orphan of a killed tool may still be at work in the server.
 */
export async function inject(
  fixture: Fixture,
  args: readonly string[],
  schema: string,
  point: KillPoint,
  fault: Fault,
  inside: (command: WireCommand) => Promise<void> = async () => {},
): Promise<Injected> {
  let injected: WireCommand | null = null
  const proxy = await openWireProxy(fixture.server.port, async (command, moment) => {
    const isHere = command.connection === working && command.index === point.index && moment === point.moment
    if (!isHere) return 'pass'
    injected = command
    if (moment === 'sent') await inside(command)
    return kill(command)
  })
  const tool = fixture.start(args, schema, proxy.port)
  const kill = async (command: WireCommand): Promise<'pass' | 'drop'> => {
    if (fault === 'runner') {
      tool.child.kill('SIGKILL')
      await tool.ended
      return 'drop'
    }
    if (fault === 'server') await fixture.server.kill()
    else await killConnection(fixture, command, point.moment)
    return 'pass'
  }
  const run = await tool.ended
  if (fault === 'server' && injected !== null) await fixture.server.restart()
  // The sockets of a dead tool are closed by the kernel, in order; closing the proxy's ends at once would lose what was sent.
  return { command: injected, run }
}

async function killConnection(fixture: Fixture, command: WireCommand, moment: Moment): Promise<void> {
  await withDatabase(fixture.server.url, async (database) => {
    await database.run(`KILL ${command.threadId}`)
    // A command under way may take its time to notice, and may even be through.
    if (moment === 'sent') return
    await waitFor('the killed connection to be gone', async () => !(await isConnected(database, command.threadId)))
  })
}

import type { Context } from '../command/context.ts'
import type { Config } from '../config/config.ts'
import type { OnlineTool } from '../core/online-tool.ts'
import { port } from '../core/port.ts'
import { stateOfTable } from '../ddl/schema.ts'
import type { Governor } from '../operate/governor.ts'
import type { ChangeRequest, MadeChange } from '../operate/online/change-request.ts'
import type { OnlineServer } from '../operate/online/ports.ts'
import type { OnlineRecord } from '../operate/online/record.ts'
import type { SettledChange } from '../operate/online/settle.ts'
import type { ChangeToRevert, ObjectName } from '../sql/statement.ts'
import type { JournalSnapshot } from './journal/rows.ts'
import type { Session } from './ports.ts'
import type { OpenTarget } from './targets.ts'

/** What online changes ask of the server, on the connections of a session. */
export type OnlineServerOf = (session: Session) => OnlineServer

export const onlineServers = port<OnlineServerOf>('migrations/online-servers')

/** One statement with `-- wwdb:online`. */
interface OnlineStatement extends Pick<ChangeRequest, 'text' | 'at' | 'lockWait' | 'progressed' | 'awaitTable'> {
  readonly session: Session
  readonly table: ObjectName
  /** That of the line above it; null for that of the configuration. */
  readonly tool: OnlineTool | null
  /** What it takes back; null for a change. */
  readonly back: ChangeToRevert | null
  readonly governor: Governor | null
}

/** The online changes of a run. */
export interface OnlineChanges {
  readonly change: (statement: OnlineStatement) => Promise<MadeChange>
  /** Whether an earlier run left what must be settled before anything else: triggers of a revert, a swap that is not complete. */
  readonly hasLeft: (target: Pick<OpenTarget, 'session' | 'snapshot'>) => Promise<boolean>
  /** Settles what earlier runs left of such statements in a database; needs its lock. Where the journal has no open row of a definition, only what reverts and incomplete swaps left. */
  readonly settle: (session: Session, isOpen: boolean) => Promise<readonly SettledChange[]>
}

/** Where online changes were made, one may have left what outlives its row of the journal, which may say that it failed. */
export const mayHaveLeft = ({ tables = [] }: Pick<JournalSnapshot, 'tables'>): boolean =>
  tables.some(({ name }) => name === 'wwdb_online')

/** A table that an online change keeps under its hold name. */
export interface KeptByChange extends Pick<OnlineRecord, 'hold' | 'table' | 'since' | 'version'> {
  /** Milliseconds since the epoch. */
  readonly keptUntil: number
  /** Whether the change was taken back: the table is as the change had made it. */
  readonly isTakenBack: boolean
  /** Whether a revert ended without putting the table back: rows that were written since may have been carried to it. */
  readonly hasCarried: boolean
}

/** Without those that the triggers of a revert write to, which has not ended, and those of which nobody knows until when they are kept. */
export async function readKeptByChanges(server: OnlineServer): Promise<readonly KeptByChange[]> {
  const { isCarriedTo, isOver } = await import('../operate/online/record.ts')
  const records = await server.readAllRecords()
  const isWritten = (hold: string): boolean => records.some((one) => !isOver(one) && one.copy === hold)
  return records.flatMap((record): readonly KeptByChange[] => {
    const { state, keptUntil, takesBack } = record
    if (state !== 'held' || keptUntil === null || isWritten(record.hold)) return []
    return [{ ...record, keptUntil, isTakenBack: takesBack !== null, hasCarried: isCarriedTo(record, records) }]
  })
}

/** Nothing is loaded before the first of them. */
export function onlineChanges(
  { port: give, process, stop, now }: Pick<Context, 'port' | 'process' | 'stop' | 'now'>,
  config: Config,
): OnlineChanges {
  const serverOf = async (session: Session): Promise<OnlineServer> => (await give(onlineServers))(session)
  return {
    change: async ({ session, table: name, tool, back, ...statement }) => {
      const { target } = session
      const database = config.databases.find((one) => one.name === target.database)
      const state = stateOfTable(await session.readTableStates([name]), name)
      const table = state.type === 'table' ? state.table : null
      if (database === undefined || table === null || (name.schema !== null && name.schema !== target.schema)) {
        const { notOwnTable } = await import('../operate/online/refusals.ts')
        throw notOwnTable(name.name, target)
      }
      const request = {
        ...statement,
        server: await serverOf(session),
        target,
        version: session.facts.version,
        connection: database.server,
        online: config.online,
        tool: tool ?? config.online.tool,
        guard: config.guard,
        table,
        bytes: table.bytes ?? null,
        variables: process.variables,
        stop,
        now,
      }
      if (back !== null) {
        const { revertChange } = await import('../operate/online/revert-change.ts')
        return revertChange({ ...request, back, hold: back.hold })
      }
      const { changeOnline } = await import('../operate/online/change.ts')
      return changeOnline(request)
    },
    hasLeft: async ({ session, snapshot }) => {
      if (!mayHaveLeft(snapshot)) return false
      const records = await (await serverOf(session)).readRecords()
      const { isLeft } = await import('../operate/online/settle.ts')
      return records.some(isLeft)
    },
    settle: async (session, isOpen) => {
      const { settleChanges } = await import('../operate/online/settle.ts')
      return settleChanges(await serverOf(session), session.target.schema, config.online.grace, now, isOpen)
    },
  }
}

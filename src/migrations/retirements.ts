import type { Context } from '../command/context.ts'
import type { Config } from '../config/config.ts'
import { port } from '../core/port.ts'
import type { StatementOutcome } from '../mysql/facts.ts'
import type { RetireStore } from '../operate/retire/ports.ts'
import type { Statement } from '../sql/statement.ts'
import type { JournalSnapshot } from './journal/rows.ts'
import type { Session } from './ports.ts'

/** What retirement asks of a server, on the connections of a session. */
export type RetireStoreOf = (session: Session) => RetireStore

export const retireStores = port<RetireStoreOf>('migrations/retire-stores')

/** One statement with `-- wwdb:retire`. */
export interface RetiringStatement {
  readonly session: Session
  readonly statement: Statement
  /** As it is sent where nothing is to be hidden. */
  readonly text: string
  readonly at: { readonly pass: number; readonly statement: number; readonly version: string }
  readonly lockWait: number | null
}

/** What such a statement did. */
interface MadeRetirement {
  /** `users.nick` */
  readonly name: string
  readonly how: 'hidden' | 'held' | 'watched' | 'back'
  readonly notes: readonly string[]
}

/** The retirements of a run. */
export interface Retirements {
  readonly retire: (statement: RetiringStatement) => Promise<StatementOutcome>
}

/** What it came to; `made` is null where there was nothing to hide, and the server says why. */
export interface Retired {
  readonly outcome: StatementOutcome
  readonly made: MadeRetirement | null
}

/** Nothing is loaded before the first of them. */
export function retirementsOf(context: Pick<Context, 'port' | 'now' | 'emit'>, config: Config): Retirements {
  return {
    retire: async (request) => {
      const store = (await context.port(retireStores))(request.session)
      const database = config.databases.find(({ name }) => name === request.session.target.database)
      if (database === undefined) throw new Error('a run knows its databases')
      const { bringBack, hide } = await import('./hide-retired.ts')
      const around = { context, config, database, store }
      const work = request.statement.retire?.back === undefined ? hide : bringBack
      const { outcome, made } = await work(request, around)
      if (made !== null) context.emit({ type: 'object-retired', target: request.session.target, ...made })
      return outcome
    },
  }
}

/** Whether something was ever retired in a database. */
export const hasRetired = ({ tables = [] }: Pick<JournalSnapshot, 'tables'>): boolean =>
  tables.some(({ name }) => name === 'wwdb_retired')

import { readEvents, readFunctions, readProcedures } from '../../mysql/call-marker.ts'
import type { Connection } from '../../mysql/connection.ts'
import { readTableStates } from '../../mysql/table-states.ts'
import { readTriggers } from '../../mysql/triggers.ts'
import { readViews } from '../../mysql/views.ts'
import { readBatchTable } from '../../operate/mysql/batch-tables.ts'
import type { CodeReader } from '../../probe/read-code.ts'
import type { ObjectName } from '../../sql/statement.ts'
import type { Session } from '../ports.ts'

/** The schema of unqualified names, and how the server compares names. */
export interface NamePlace {
  readonly schema: string
  readonly foldsNames: boolean
}

type Ask = <T>(work: (connection: Connection) => Promise<T>) => Promise<T>

interface Ways {
  /** Runs one query on its own connection, which it pins, and whose session it may change. */
  readonly aside: Ask
  /** Asks on the pinned second connection. */
  readonly besides: Ask
  /** The SET for the session of migrations, with further assignments. */
  readonly pins: (...more: readonly string[]) => string
}

/** What a plan asks the server before it is judged; for an empty list nothing is asked. */
export function planQuestions(
  place: NamePlace,
  { aside, besides, pins }: Ways,
): Pick<Session, 'readTableStates' | 'readBatchTable' | 'askAboutRows' | keyof CodeReader> {
  return {
    readTableStates: async (names: readonly ObjectName[], written?) =>
      names.length === 0
        ? { ...place, states: new Map() }
        : aside((connection) => readTableStates(connection, place, names, written)),
    readBatchTable: ({ schema, name }) =>
      besides((connection) => readBatchTable(connection, schema ?? place.schema, name)),
    readProcedures: async (names: readonly ObjectName[]) =>
      names.length === 0 ? new Map() : besides((connection) => readProcedures(connection, place, names)),
    readFunctions: async (names: readonly ObjectName[]) =>
      names.length === 0 ? new Map() : besides((connection) => readFunctions(connection, place, names)),
    readTriggers: async (names: readonly ObjectName[], views) =>
      names.length === 0 ? new Map() : besides((connection) => readTriggers(connection, place, names, views)),
    readViews: async (names: readonly ObjectName[]) =>
      names.length === 0
        ? new Map()
        : besides((connection) => readViews(connection, { ...place, states: new Map() }, names)),
    readEvents: async (names: readonly ObjectName[]) =>
      names.length === 0 ? new Map() : besides((connection) => readEvents(connection, place, names)),
    askAboutRows: async (questions) =>
      questions.size === 0
        ? new Map()
        : aside(async (connection) => {
            // A condition may call a function of the schema: one that writes is refused here.
            await connection.ask(pins('transaction_read_only=1'))
            const { askAboutRows } = await import('../../probe/mysql/row-questions.ts')
            return askAboutRows((text) => connection.ask(text), questions)
          }),
  }
}

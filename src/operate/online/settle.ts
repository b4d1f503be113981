import { quoteQualified } from '../../sql/quote-name.ts'
import type { OnlineServer } from './ports.ts'
import { isOf, isOver, type OnlineRecord } from './record.ts'

/** What the server shows of a change that a run began. */
export type FoundChange =
  /** The copy has taken the place of the table. */
  | 'swapped'
  /** The copy is there, and every trigger is on the table: it is current. */
  | 'kept-current'
  /** Anything else of it, or nothing. */
  | 'unfinished'

export async function lookAtChange(server: OnlineServer, record: OnlineRecord): Promise<FoundChange> {
  const { table, copy, hold, triggers } = record
  const tables = new Set(await server.findTables([table, copy, hold]))
  if (tables.has(hold) && !tables.has(copy)) return 'swapped'
  const found = await server.findTriggers(triggers)
  const isCurrent = tables.has(copy) && triggers.every((trigger) => found.get(trigger) === table)
  return isCurrent ? 'kept-current' : 'unfinished'
}

/** What became of the statement whose change an earlier run left. */
export interface SettledChange {
  readonly version: string
  readonly pass: number
  readonly statement: number
  readonly ran: boolean
  readonly why: string
}

/**
 * Settles the changes that earlier runs left, under the lock: sessions of a tool that may still live are ended, what is swapped is completed, a complete copy that is
 * kept current waits for the statement to be run again, and everything else is removed, triggers first. What the server shows decides, and no exit code.
 */
export async function settleChanges(
  server: OnlineServer,
  schema: string,
  grace: number,
  now: () => number,
): Promise<readonly SettledChange[]> {
  const settled: SettledChange[] = []
  for (const record of await server.readRecords()) {
    const at = { pass: record.pass, statement: record.statement, version: record.version }
    const place = `the place of \`${record.table}\``
    const swapped = { ...at, ran: true, why: `${nameCopy(record)} has taken ${place}` }
    // The run may have been killed before it closed the row.
    if (record.state === 'held') settled.push(swapped)
    if (isOver(record)) continue
    await server.endSessions(record.token)
    const found = await lookAtChange(server, record)
    if (found === 'swapped') {
      await completeSwap(server, schema, { ...record, state: 'swapped', keptUntil: record.keptUntil ?? now() + grace })
      settled.push(swapped)
    } else if (found === 'kept-current' && record.state === 'copied')
      settled.push({
        ...at,
        ran: false,
        why: 'its copy is complete, and has not taken the place of the table',
      })
    else {
      await removeCopy(server, schema, record)
      const why =
        record.takesBack === null
          ? 'its copy was not complete, and was removed'
          : 'the table as it was before did not take its place'
      settled.push({ ...at, ran: false, why })
    }
  }
  return settled
}

const nameCopy = ({ takesBack }: OnlineRecord): string =>
  takesBack === null ? 'its copy' : 'the table as it was before'

/** Removes the triggers, each by its exact name, and says that the change is complete. */
export async function completeSwap(server: OnlineServer, schema: string, record: OnlineRecord): Promise<void> {
  await server.writeRecord(record)
  await dropTriggers(server, schema, record)
  const { takesBack } = record
  const before = takesBack === null ? [] : (await server.readRecords()).filter((one) => isOf(one, takesBack))
  for (const one of before) await server.writeRecord({ ...one, state: 'reverted' })
  await server.writeRecord({ ...record, state: 'held' })
}

/** Triggers first: those of pt-online-schema-change make every write of the table fail once the copy is gone. */
export async function removeCopy(server: OnlineServer, schema: string, record: OnlineRecord): Promise<void> {
  await dropTriggers(server, schema, record)
  // What takes a change back has the table as it was for its copy.
  if (record.takesBack === null && (await server.findTables([record.copy])).length > 0)
    await server.ask(`DROP TABLE ${quoteQualified(schema, record.copy)}`)
  await server.writeRecord({ ...record, state: 'removed' })
}

/** Only those on the table, under either of its names: the tool cuts long names, so that another table's triggers may be called the same. */
async function dropTriggers(server: OnlineServer, schema: string, record: OnlineRecord): Promise<void> {
  const own = [record.table, record.hold].map((name) => name.toLowerCase())
  for (const [trigger, table] of await server.findTriggers(record.triggers))
    if (own.includes(table.toLowerCase())) await server.ask(`DROP TRIGGER ${quoteQualified(schema, trigger)}`)
}

import type { Holder } from '../../core/holder.ts'
import type { Target } from '../../core/target.ts'
import { type Fault, ToolError } from '../../core/tool-error.ts'
import { isAtLeast } from '../../core/version.ts'
import { nameBlockers } from '../../sql/name-blockers.ts'
import { ownHint } from '../../sql/own-hint.ts'
import { quoteName, quoteQualified } from '../../sql/quote-name.ts'
import { selectDuplicates } from './added-uniques.ts'
import type { AlterChange } from './alter-change.ts'
import type { ChangeRequest } from './change-request.ts'
import { copyToolOf, followsLog } from './copy-tool.ts'
import type { Tries } from './cut-over.ts'
import type { OnlineRecord } from './record.ts'
import { spiritSentinel } from './spirit.ts'

/** Throws ToolError `ONLINE_REFUSED` with everything that keeps a tool from copying the table, before anything is started. */
export async function refuseChange(request: ChangeRequest, change: AlterChange, record: OnlineRecord): Promise<void> {
  const { server, target, table, version, connection } = request
  const tool = copyToolOf(record.tool)
  const { program } = tool
  const where = { database: target.database, server: target.server }
  const fault = (why: string, next: string): Fault => ({
    what: `\`${table.name}\` cannot be changed by ${program}.`,
    where,
    why,
    next: `Nothing was started. ${next}`,
  })
  const alone =
    'Remove `wwdb:online` to let the server change the table itself, in a window in which it may be blocked.'
  const { triggers, foreignKeys, checks, engine } = await server.readObstacles(table.name)
  const faults: Fault[] = change.objections.map((why) => fault(`${capital(why)}.`, alone))
  const isGoverned = request.governor !== null
  for (const { why, next } of tool.objectTo({ table, change, connection, isGoverned })) faults.push(fault(why, next))
  if (followsLog(record)) {
    const byTriggers = 'Write `-- wwdb:online tool=pt-osc`, which can.'
    // A table that is dropped while it is locked keeps its lock there until UNLOCK TABLES: writes get in between unlocking and renaming.
    if (!isAtLeast(version, '8.0.13'))
      faults.push(
        fault(`Before MySQL 8.0.13, ${program} cannot swap the tables without letting writes in between.`, byTriggers),
      )
    const missing = await server.readLogObstacles(record.tool)
    if (missing.length > 0)
      faults.push(fault(`${program} reads the binary log of the server: ${missing.join(', ')}.`, byTriggers))
    if (connection.socket !== null)
      faults.push(
        fault(
          `${program} connects by TCP alone, and the connection is by a socket.`,
          'Write `host` and `port` in the URL.',
        ),
      )
  }
  const left = (await server.readLeftovers()).filter((one) => one.table === table.name)
  for (const { tools, tables, triggers: own, remove } of left) {
    const names = [...own.map(({ name }) => name), ...tables.map(({ name }) => name)]
      .map((name) => `\`${name}\``)
      .join(', ')
    const order = remove.map((text) => `\`${text}\``).join(', then ')
    const next =
      order === ''
        ? 'Run `wwdb doctor`, which says what to do.'
        : `When no such tool runs, remove it in this order: ${order}.`
    faults.push(fault(`${tools.join(' or ')} left ${names}.`, next))
  }
  if (left.length === 0 && triggers.length > 0)
    faults.push(
      fault(
        `It has the triggers ${quoted(triggers)}, which the copy would lose. gh-ost copies such a table with \`--include-triggers\`, under other names; wwdb does not.`,
        alone,
      ),
    )
  if (foreignKeys.length > 0)
    faults.push(
      fault(
        `The foreign keys ${quoted(foreignKeys)} are on it or reference it, and would follow the table as it was.`,
        alone,
      ),
    )
  if (checks.length > 0)
    faults.push(fault(`It has the CHECK constraints ${quoted(checks)}, to which ${program} gives other names.`, alone))
  for (const [trigger, of] of await server.findTriggers(record.triggers))
    if (of.toLowerCase() !== table.name.toLowerCase())
      faults.push(
        fault(
          `The trigger \`${trigger}\` on \`${of}\` has the name of one that pt-online-schema-change would create: it cuts long names.`,
          `When no such tool changes \`${of}\`, drop the trigger with \`DROP TRIGGER ${quoteQualified(target.schema, trigger)}\`; else wait until it ends.`,
        ),
      )
  if (engine !== 'InnoDB') faults.push(fault(`Its engine is ${engine}.`, alone))
  if ((await server.readUniqueKeys(table.name)).length === 0)
    faults.push(
      fault(
        'It has no primary key, and no unique key without NULL: rows of the copy could not be told apart. No tool copies such a table.',
        alone,
      ),
    )
  const names = [record.copy, record.hold, ...record.logs]
  const old = await server.findOld(record)
  const [taken] = left.length > 0 ? [] : [...(await server.findTables(names)), ...(old === null ? [] : [old.name])]
  // Whoever takes it away lets another spirit swap its tables.
  const next =
    taken === spiritSentinel
      ? `A spirit that waits for it swaps its tables once it is gone: wait until that one has ended. When none runs, drop it with \`DROP TABLE ${quoteQualified(target.schema, taken)}\`.`
      : 'Rename it, then run the command again.'
  if (taken !== undefined) faults.push(fault(`A table \`${taken}\` exists.`, next))
  if (change.uniques.length > 0 && !followsLog(record) && !isAtLeast(version, '8.0.13'))
    faults.push(
      fault(
        'Rows may become equal in a unique key, and before MySQL 8.0.13 no table can be renamed while it is locked, to count its rows at that moment.',
        alone,
      ),
    )
  if (faults.length > 0) throw new ToolError('ONLINE_REFUSED', faults)
  for (const column of change.required) {
    const query = `SELECT * FROM ${quoteQualified(target.schema, table.name)} WHERE ${quoteName(column)} IS NULL LIMIT 1`
    if ((await server.beside((ask) => ask(asOwn(query)))).length > 0)
      faults.push(
        fault(
          `The column \`${column}\` becomes NOT NULL, and rows of it are NULL.`,
          `Find them with \`${query}\`, and write a value or delete them.`,
        ),
      )
  }
  for (const unique of change.uniques) {
    const query = selectDuplicates(quoteQualified(target.schema, table.name), unique)
    const found = await server.beside((ask) => ask(asOwn(query)))
    if (found.length > 0)
      faults.push(
        fault(
          `Rows of it are equal in the unique key \`${unique.name}\` that it would get: a copy would lose all but one of them.`,
          `Find them with \`${query}\`, and change or delete them.`,
        ),
      )
  }
  if (faults.length > 0) throw new ToolError('ONLINE_REFUSED', faults)
}

/** The statement names a table that is not there, a view, or a table of another schema. */
export function notOwnTable(table: string, target: Target): ToolError {
  return new ToolError('ONLINE_REFUSED', {
    what: `\`${table}\` is not a table of \`${target.database}\`.`,
    where: { database: target.database, server: target.server },
    why: 'An online change copies a table of the database that its migration belongs to.',
    next: 'Correct the name, or remove `wwdb:online`.',
  })
}

/** People are shown the query without the mark. */
const asOwn = (query: string): string => query.replace('SELECT ', `SELECT ${ownHint} `)

const capital = (text: string): string => (text.startsWith('`') ? text : text.slice(0, 1).toUpperCase() + text.slice(1))
const quoted = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ')

/** The copy stays: hours of work must not be lost because a table was busy for a minute. */
export function blocked(
  { tool, table, copy, takesBack }: OnlineRecord,
  target: Target,
  { attempts, holders }: Tries,
): ToolError {
  const isBack = takesBack !== null
  const isLeft = !isBack && !followsLog({ tool })
  const subject = isBack ? `\`${copy}\`` : `The copy of \`${table}\``
  const place = isBack ? `the place of \`${table}\`` : 'its place'
  const stays = isLeft ? [`The copy \`${copy}\` is complete, and triggers keep it current.`] : []
  const goesOn = isLeft ? ': it compares the copy again and goes on with the swap' : ''
  if (holders.length > 0)
    return new ToolError('BLOCKED', {
      what: `${subject} could not take ${place}: another session holds a lock of the whole server.`,
      where: { database: target.database, server: target.server },
      why: [`At the last of ${attempts} looks it was ${holders.map(nameServerLock).join('; ')}.`, ...stays].join(' '),
      next: `Wait until that session is done, or end it with \`KILL ${holders[0]?.connectionId ?? 0}\`; then run the command again${goesOn}.`,
    })
  return new ToolError('BLOCKED', {
    what: `${subject} could not take ${place}: the table was in use at each of ${attempts} attempts.`,
    where: { database: target.database, server: target.server },
    why: ['Each attempt waits at most 2 seconds for the lock of the table.', ...stays].join(' '),
    next: `Run the command again at a quieter time${goesOn}.`,
  })
}

/** `blocked by connection 42 of app from 10.0.0.3, which holds \`FLUSH TABLES WITH READ LOCK\`, in its state for 40 s` */
const nameServerLock = (holder: Holder): string =>
  `${nameBlockers([holder])}${holder.seconds === null ? '' : `, in its state for ${holder.seconds} s`}`

/** Somebody took away what held the swap of the tool up: an operator of spirit knows its sentinel. @param old the name of the table as it was */
export function swappedUncompared({ tool, table }: OnlineRecord, target: Target, old: string): ToolError {
  const { program } = copyToolOf(tool)
  return new ToolError('ONLINE_UNCOMPARED', {
    what: `${program} swapped \`${table}\` and its copy before wwdb had compared their rows.`,
    where: { database: target.database, server: target.server },
    why: `Not wwdb, but somebody else removed ${tool === 'spirit' ? `the table \`${spiritSentinel}\`` : 'the file'} that held its cut-over up.`,
    next: `The table as it was is \`${old}\`: compare it with \`${table}\`. The next run records the statement and keeps that table under a hold name; \`wwdb online revert ${table}\` takes the change back then.`,
  })
}

/** A person has stopped the run while it waited for its cut-over. */
export function stoppedBefore({ tool, table, copy, takesBack }: OnlineRecord, target: Target): ToolError {
  const isBack = takesBack !== null
  return new ToolError('STOPPED', {
    what: `The run was stopped before ${isBack ? `\`${copy}\`` : `the copy of \`${table}\``} took the place of \`${table}\`.`,
    where: { database: target.database, server: target.server },
    next: isBack
      ? 'The table is as it was, and nothing was put back. Run the command again.'
      : followsLog({ tool })
        ? 'Run the command again.'
        : `The complete copy \`${copy}\` stays, and the next run compares it again and goes on with the swap. Until then, triggers write each change of the table twice.`,
  })
}

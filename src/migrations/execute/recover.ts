import { createHash } from 'node:crypto'
import type { Emit } from '../../command/event.ts'
import { migrationLabel } from '../../core/migration-label.ts'
import { countOf } from '../../core/plural.ts'
import type { StopRequest } from '../../core/stop-request.ts'
import { ToolError } from '../../core/tool-error.ts'
import { normalizeCode } from '../../lint/allowances.ts'
import type { SettledChange } from '../../operate/online/settle.ts'
import type { ObjectName } from '../../sql/statement.ts'
import type { JournalRow, Pass } from '../journal/journal.ts'
import { noChange, type SettledRow } from '../journal/rows.ts'
import { type Meanwhile, programCutOff, type Settlement } from '../journal/settlement.ts'
import type { Migration } from '../migration.ts'
import { mayHaveLeft, type OnlineChanges } from '../online-changes.ts'
import type { Session } from '../ports.ts'
import type { OpenTarget } from '../targets.ts'

/** Rows of an earlier run that were opened and never closed, in the order in which they were to run. */
export function listOpenRows(target: OpenTarget): readonly JournalRow[] {
  return target.snapshot.rows.filter((row) => row.state === 'open' || row.state === 'entered')
}

const findMigration = (target: OpenTarget, { version }: Pass): Migration | undefined =>
  target.all.find((migration) => migration.version === version)

/** True when the author of the file has weighed that its procedures are called again after a run was cut off. */
function repeatsCalls(target: OpenTarget, pass: Pass): boolean {
  const accepted = findMigration(target, pass)?.accepted ?? []
  return accepted.some(({ code }) => normalizeCode(code) === 'UNRESUMABLE_CALL')
}

function unsettled(
  target: OpenTarget,
  pass: Pass,
  row: JournalRow,
  { why, next }: Settlement & { readonly type: 'unknown' },
): ToolError {
  const at = `${target.database.name}/${pass.version}:${row.statement + 1}`
  const file = findMigration(target, pass)?.file
  const repeat =
    row.class === 'call' && file !== undefined
      ? ` If it is safe to call twice, write "-- wwdb:accept UNRESUMABLE_CALL reason" before the up part of \`${file}\` instead: the next run then calls it again.`
      : ''
  return new ToolError('UNSETTLED', {
    what: `It is not known whether statement ${row.statement + 1} of \`${migrationLabel(pass)}\` ran: ${row.summary}.`,
    where: { database: target.database.name, server: target.session.target.server },
    why,
    next:
      next ??
      `Look at the database, then settle it: \`wwdb repair --ran ${at}\` or \`wwdb repair --not-run ${at}\`.${repeat}`,
  })
}

async function lookAt(session: Session, row: JournalRow): Promise<readonly (string | null)[] | null> {
  return needsLooking(row) ? session.readDefinitions(row.objects, row.identity) : null
}

/**
 * Settles the rows that an earlier run left open, under the lock: the connection that ran it is closed, and its
 * statement has ended. Returns whether anything was settled. Throws ToolError `UNSETTLED` where the server does not
 * show whether the statement ran.
 */
export async function recoverTarget(
  target: OpenTarget,
  emit: Emit,
  online?: OnlineChanges,
  stop?: Pick<StopRequest, 'requested'>,
): Promise<boolean> {
  const rows = listOpenRows(target)
  const isOpen = rows.some((row) => row.class === 'definition')
  // A keyspace has no online changes of wwdb: Vitess makes its own.
  const isAsked = target.session.settleRow === undefined && (isOpen || mayHaveLeft(target.snapshot))
  const changes = isAsked ? ((await online?.settle(target.session, isOpen)) ?? []) : []
  let reachedEnd = false
  for (const row of rows) {
    const pass = target.snapshot.passes.find((one) => one.pass === row.pass)
    if (pass === undefined) throw new Error(`journal row of pass ${row.pass} without its pass`)
    const kept = keepCheckpoint(row, pass, target.snapshot.passes)
    if (kept !== null) {
      reachedEnd = true
      report(target, emit, { row, pass }, { type: 'not-run', why: kept })
      continue
    }
    // Seeds of one run are one transaction: none of them shows of another one that it did not run.
    const settlement: Settlement =
      reachedEnd && pass.kind !== 'seed'
        ? { type: 'not-run', why: 'a statement before it did not run' }
        : (settleChange(row, pass, changes) ??
          settleElsewhere(row, target.session.facts.uuid) ??
          settleMark(row, pass, findMigration(target, pass)) ??
          settleProgram(row, pass, target.session.keyspace?.isSharded === true) ??
          (await target.session.settleRow?.(row, sayWaiting(target, emit, row, stop))) ??
          settleByLooking(row, await lookAt(target.session, row), repeatsCalls(target, pass)))
    if (settlement.type === 'unknown') throw unsettled(target, pass, row, settlement)
    const ran: boolean = settlement.type === 'ran'
    reachedEnd ||= !ran
    const at = { pass: row.pass, statement: row.statement }
    // A pass without rows would look like one whose rows were removed.
    const change =
      row.batch === undefined || ran
        ? { settle: [settledRow(at, settlement)] }
        : { batch: [{ ...at, state: 'failed' as const, progress: row.batch, error: settlement.why }] }
    await target.session.writeJournal({ ...noChange, ...change })
    report(target, emit, { row, pass }, settlement)
  }
  return rows.length > 0
}

/** A statement that changed some of its objects leaves its row. Pure. */
function settledRow(at: Pick<SettledRow, 'pass' | 'statement'>, settlement: Settlement): SettledRow {
  const { pass, statement } = at
  const isPartly = settlement.type === 'not-run' && settlement.partly === true
  return { pass, statement, ran: settlement.type === 'ran', ...(isPartly && { failed: settlement.why }) }
}

/** Says what an open row waits for, once for each reason, and ends the wait where a person has asked for it. */
export function sayWaiting(
  { session }: { readonly session: Pick<Session, 'target'> },
  emit: Emit,
  { summary }: Pick<JournalRow, 'summary'>,
  stop?: Pick<StopRequest, 'requested'>,
): Meanwhile {
  const { target } = session
  let said: string | null = null
  return (waitsFor) => {
    if (stop?.requested === true)
      throw new ToolError('STOPPED', {
        what: `Stopped while \`${summary}\` of an earlier run goes on in \`${target.schema}\`.`,
        where: { database: target.database, server: target.server },
        why: waitsFor,
        next: 'Run the command again: it waits for it. `ALTER VITESS_MIGRATION ... CANCEL` ends it.',
      })
    if (waitsFor === said) return
    said = waitsFor
    emit({ type: 'warning', message: `Waiting for \`${summary}\` of an earlier run: ${waitsFor}.`, target })
  }
}

function report(
  target: OpenTarget,
  emit: Emit,
  { row, pass }: { readonly row: JournalRow; readonly pass: Pass },
  settlement: Exclude<Settlement, { readonly type: 'unknown' }>,
): void {
  const { version, name, direction, total } = pass
  const { statement, summary } = row
  const at = { target: target.session.target, version, name, direction, statement, total, summary }
  const mayHaveRun = settlement.type === 'not-run' && settlement.mayHaveRun === true
  emit({
    ...{ type: 'statement-settled', ...at, ran: settlement.type === 'ran', why: settlement.why },
    ...(mayHaveRun && { mayHaveRun }),
  })
}

/**
 * Why the row of a batch stays open: what its chunks did is committed, and the next run continues behind it. Null for every other row, and where the
 * version was taken in the other direction since.
 */
export function keepCheckpoint(
  { batch }: Pick<JournalRow, 'batch'>,
  { version, pass }: Pick<Pass, 'version' | 'pass'>,
  passes: readonly Pick<Pass, 'version' | 'pass'>[],
): string | null {
  const isLatest = passes.every((one) => one.version !== version || one.pass <= pass)
  if (batch === undefined || batch.chunks === 0 || !isLatest) return null
  return `it continues after ${countOf(batch.chunks, 'chunk')}, which changed ${countOf(batch.rows, 'row')}`
}

/** The copy of an online change shows whether its statement ran, also where the definition of the table does not. Null for any other row. */
export function settleChange(row: JournalRow, { version }: Pass, changes: readonly SettledChange[]): Settlement | null {
  const change = changes.find(
    (one) => one.version === version && one.pass === row.pass && one.statement === row.statement,
  )
  return change === undefined ? null : { type: change.ran ? 'ran' : 'not-run', why: change.why }
}

/** Digest of the definitions of the objects that a statement names. */
export function digestDefinitions(objects: readonly ObjectName[], definitions: readonly (string | null)[]): string {
  const pairs = objects.map((object, index) => [object.type, object.schema, object.name, definitions[index] ?? null])
  return createHash('sha256').update(JSON.stringify(pairs)).digest('hex')
}

/**
 * What distinguishes the tables of these definitions from later tables of the same text: InnoDB's table ID, or the second in which they
 * were created, where the ID cannot be read; null where the definitions name neither.
 */
export function identifiedBy(definitions: readonly (string | null)[]): 'number' | 'second' | null {
  const present = definitions.filter((definition) => definition !== null)
  if (present.some((definition) => /\n@[^\n]*$/.test(definition))) return 'second'
  return present.some((definition) => /\n#[\d,]+$/.test(definition)) ? 'number' : null
}

/** True when an open row of this class must be compared with the objects' definitions. */
export function needsLooking(row: Pick<JournalRow, 'class' | 'fingerprint' | 'objects'>): boolean {
  return (row.class === 'definition' || row.class === 'account') && row.fingerprint !== null && row.objects.length > 0
}

/**
 * Settles a row by where it was opened: after a failover the numbers that distinguish a table from its successor are another
 * server's. Null where they are this one's, or where none were needed.
 */
export function settleElsewhere(row: Pick<JournalRow, 'server'>, serverUuid: string): Settlement | null {
  if (row.server === undefined || row.server === serverUuid) return null
  return {
    type: 'unknown',
    why: 'It started on another server, and only that server could distinguish the table from its successor.',
  }
}

/**
 * Settles the row of a baseline, and of a migration that was to count as applied without running: if its objects and its file exist, it is applied. `drift
 * --accept` writes the file while the row is open. Null for any other row, and where the file does not exist: then nothing was done.
 */
function settleMark(
  row: Pick<JournalRow, 'class'>,
  pass: Pick<Pass, 'kind' | 'direction' | 'checksum'>,
  migration: Pick<Migration, 'checksum'> | undefined,
): Settlement | null {
  if (row.class !== 'record' || pass.direction !== 'up') return null
  // Its file was written before its row.
  if (pass.kind === 'baseline') return { type: 'ran', why: 'it was only to be recorded' }
  if (pass.kind !== 'mark') return null
  if (migration?.checksum !== pass.checksum) return null
  return { type: 'ran', why: 'it was only to be recorded, and its file is as it was then' }
}

/**
 * Settles the row of a seed program in a sharded keyspace whose commit had begun: it stays as a failed one, as what the shards have of it may not be what the file says by then. Null for any other
 * row: seeds of rows look at the rows, and beside the data of a keyspace that is not sharded stands whether a program ran.
 */
export function settleProgram(
  row: Pick<JournalRow, 'class' | 'state'>,
  { kind, name }: Pick<Pass, 'kind' | 'name'>,
  isSharded: boolean,
): Settlement | null {
  // The name of a program is that of its file, with its extension.
  const isProgram = row.class === 'module' && kind === 'seed' && name.includes('.')
  if (!isProgram || !isSharded || row.state !== 'entered') return null
  return { type: 'not-run', partly: true, mayHaveRun: true, why: programCutOff }
}

/**
 * Settles one open row by the current definitions of its objects; null where it needs none.
 * @param repeatsCalls the file accepts that its procedures are called again
 */
export function settleByLooking(
  row: JournalRow,
  definitions: readonly (string | null)[] | null,
  repeatsCalls = false,
): Settlement {
  const by = identifiedBy(definitions ?? [])
  if (row.identifiedBy !== undefined && by !== null && by !== row.identifiedBy)
    return {
      type: 'unknown',
      why: "InnoDB's table IDs are seen only with the privilege PROCESS, which was granted or revoked since the statement started, so a table cannot be distinguished from its successor.",
    }
  return settleRow(row, definitions === null ? null : digestDefinitions(row.objects, definitions), repeatsCalls)
}

/**
 * Settles one open row. MySQL 8's DDL is atomic, so a definition either changed (it ran) or did not (it did not run);
 * data shares its transaction with the row that would have closed it, so an open row means that it was rolled back.
 * @param repeatsCalls the file accepts that its procedures are called again
 */
export function settleRow(row: JournalRow, present: string | null, repeatsCalls = false): Settlement {
  switch (row.class) {
    case 'data':
      if (row.state === 'entered')
        return { type: 'unknown', why: 'the run ended while its shards committed it, one after another' }
      return { type: 'not-run', why: 'its transaction was rolled back with the connection' }
    case 'module':
      // Of what runs through vtgate, only seeds are of this class.
      if (row.state === 'entered')
        return {
          type: 'not-run',
          mayHaveRun: true,
          why: 'the run ended while its shards committed it; seeds look again at what is there',
        }
      return { type: 'not-run', why: 'its transaction was rolled back with the connection' }
    case 'batch':
    case 'record':
      return { type: 'not-run', why: 'its transaction was rolled back with the connection' }
    case 'session':
    case 'maintenance':
      return { type: 'not-run', why: 'running it again changes nothing' }
    case 'call':
      if (row.state !== 'entered')
        return { type: 'not-run', why: 'its transaction was rolled back with the connection' }
      return repeatsCalls
        ? { type: 'not-run', why: 'its file accepts UNRESUMABLE_CALL: the procedure is called again' }
        : { type: 'unknown', why: 'the procedure may have committed before the run was interrupted' }
    default:
  }
  if (row.fingerprint === null || present === null)
    return { type: 'unknown', why: 'the state of no object shows whether it ran' }
  if (present === row.fingerprint) return { type: 'not-run', why: 'the objects it names are as they were before it' }
  return { type: 'ran', why: 'the objects it names have changed since it was opened' }
}

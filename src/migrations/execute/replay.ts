import { ToolError } from '../../core/tool-error.ts'
import type { Statement } from '../../sql/statement.ts'
import type { JournalRow } from '../journal.ts'
import { migrationLabel } from '../migration-label.ts'
import type { Schemas } from '../plan/placeholders.ts'
import type { Session } from '../ports.ts'
import { readyStatement } from './ready-statement.ts'
import type { SessionTrack } from './session-track.ts'
import type { Work } from './work.ts'

type Replay = Work & { readonly type: 'replay' }

/**
 * Gives the connection what a closed statement left in the one it ran on: remembered values are set, whatever else
 * changed only the session is run again. Throws ToolError `RESUME_FAILED` where that is not possible any more.
 */
export async function replayStatement(
  work: Replay,
  { session, schemas }: { readonly session: Session; readonly schemas: Schemas },
  track: SessionTrack,
): Promise<void> {
  const { statement, row } = work
  if (row.memory !== null) await session.restoreMemory(row.memory)
  if (row.class !== 'session') return
  const ready = readyStatement(statement, statement, schemas, track.temporary)
  if (!(assignsOnly(statement) && row.memory !== null)) {
    checkSource(work)
    await repeat(work, session, ready.text)
    // It may have set variables anew, to other values than the first time.
    if (row.memory !== null) await session.restoreMemory(row.memory)
  }
  await track.observe(statement, ready.text)
}

function assignsOnly(statement: Statement): boolean {
  return (
    statement.class === 'session' &&
    statement.sessionVariables.length === 0 &&
    statement.prepared === null &&
    !/TABLE/.test(statement.verb)
  )
}

/**
 * A temporary table that was filled from other tables can be made again only while those are as they were. Whether they
 * are cannot be seen once a later statement has changed anything; it does not matter once the table was dropped.
 */
function checkSource(work: Replay): void {
  const { statement, row } = work
  const fills = /^(?:CREATE TEMPORARY TABLE|INSERT|REPLACE|UPDATE|DELETE|WITH)$/.test(statement.verb)
  if (!fills || !/\bselect\b[\s\S]*\bfrom\b/i.test(statement.text)) return
  const later = [...(work.run.resumption?.rows.values() ?? [])].filter((other) => other.statement > row.statement)
  const isDropped = statement.objects.every((object) => later.some((other) => drops(other, object.name)))
  if (isDropped || !later.some((other) => /^(?:data|definition|call)$/.test(other.class))) return
  throw resumeFailed(work, 'statements after it have changed data, so what it reads may no longer be what it read')
}

function drops(row: JournalRow, name: string): boolean {
  const isDrop = row.class === 'session' && row.summary.startsWith('DROP')
  return isDrop && row.objects.some((object) => object.name.toLowerCase() === name.toLowerCase())
}

async function repeat(work: Replay, session: Session, text: string): Promise<void> {
  try {
    await session.run(text)
  } catch (cause) {
    const failure = session.explain(cause)
    if (failure === null) throw cause
    if (failure.type !== 'lost') throw resumeFailed(work, failure.why, cause)
    const what = `The connection was lost before ${migrationLabel(work.run.step.migration)} could go on`
    const next = 'Run again when the server answers.'
    throw new ToolError('CONNECTION_LOST', { what, where: placeOf(work), why: failure.why, next }, { cause })
  }
}

function placeOf({ run, statement }: Replay) {
  return { file: statement.file, line: statement.line, column: statement.column, database: run.step.migration.database }
}

function resumeFailed(work: Replay, why: string, cause?: unknown): ToolError {
  const { migration, from, total } = work.run.step
  const fault = {
    what: `${migrationLabel(migration)} cannot go on at statement ${from + 1} of ${total}: what statement ${work.row.statement + 1} left in its session cannot be made again: ${work.row.summary}`,
    where: placeOf(work),
    why,
    next: `Do the rest of the file by hand, then record it with \`wwdb mark ${migration.version} --applied -t ${migration.database}\`.`,
  }
  return new ToolError('RESUME_FAILED', fault, { cause })
}

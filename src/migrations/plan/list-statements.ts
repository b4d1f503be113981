import { groupBy } from '../../core/group-by.ts'
import { classifyStatement } from '../../sql/classify.ts'
import type { Statement } from '../../sql/statement.ts'
import type { JournalRow } from '../journal/journal.ts'
import type { Step } from '../plan.ts'
import type { OpenTarget } from '../targets.ts'
import { listStatementsRun, withJournal } from './own-tables.ts'
import { resolveObjects, resolveText, type Schemas } from './placeholders.ts'
import { readLeft, readSessionBefore } from './read-left.ts'
import { renderShardStatement } from './shard-names.ts'
import { findTooLarge, type TooLarge } from './statement-packets.ts'

/** A statement that is still to run. */
interface Located {
  readonly step: Step
  readonly statement: Statement
  /** Its journal row is open: an earlier run may have executed it. */
  readonly isOpen: boolean
  /** The journal row of a run that stopped in this statement; null where there is none. */
  readonly row: JournalRow | null
}

/** A statement with the configuration's schemas in place of its placeholders. */
export function resolveStatement(statement: Statement, schemas: Schemas): Statement {
  const text = resolveText(statement.text, schemas)
  if (text === statement.text) return statement
  const objects = resolveObjects(statement.objects, schemas)
  return { ...statement, text, objects, references: resolveObjects(statement.references, schemas) }
}

/** On shards: the statements for one shard of every distinct shape. */
function fillIn({ fanOut }: Step, statements: readonly Statement[]): readonly Statement[] {
  if (fanOut === undefined) return statements
  return fanOut.shapes.flatMap(({ names }) =>
    statements.map((statement) => renderShardStatement(statement, names, false)),
  )
}

/** What takes a migration of Vitess back is judged by a definition with the same losses. */
function asItsEffect(statement: Statement): Statement {
  const effect = statement.reverts?.effect ?? null
  return effect === null ? statement : { ...statement, ...classifyStatement(effect), text: effect }
}

/** What is needed to judge a plan's statements. */
export interface Assessed {
  /** Still to run, in order. */
  readonly located: readonly Located[]
  /** The statements of unfinished migrations in the plan that have run already. */
  readonly ran: readonly Statement[]
  /** By the position where such a migration continues: its statements that changed only the session. */
  readonly ranBefore: ReadonlyMap<number, readonly Statement[]>
  /** Statements that are too large for the server, among those that no earlier run has opened. */
  readonly tooLarge: readonly TooLarge[]
}

/**
 * The open rows of a step's last pass, by statement: a stopped run may have executed the one it opened last. The journal is read once for all steps.
 */
export function findOpenRows(target: OpenTarget): (step: Step) => ReadonlyMap<number, JournalRow> {
  const { passes, rows } = target.snapshot
  const last = new Map(
    passes.filter(({ kind }) => kind !== 'seed' && kind !== 'drift').map(({ version, pass }) => [version, pass]),
  )
  const open = groupBy(
    rows.filter(({ state, batch }) => state === 'open' || (state === 'entered' && batch !== undefined)),
    ({ pass }) => pass,
  )
  return ({ migration }) => {
    const pass = last.get(migration.version)
    const own = pass === undefined ? [] : (open.get(pass) ?? [])
    return new Map(own.map((row) => [row.statement, row]))
  }
}

/** The statements of steps that are still to run, as they run in the target. */
export async function listStatements(target: OpenTarget, steps: readonly Step[], schemas: Schemas): Promise<Assessed> {
  const located: Located[] = []
  const ranBefore = new Map<number, readonly Statement[]>()
  const tooLarge: TooLarge[] = []
  const openRowsOf = findOpenRows(target)
  for (const step of steps) {
    if (step.from > 0) ranBefore.set(located.length, await readSessionBefore(step))
    const open = openRowsOf(step)
    const read = await readLeft(step, (statement) => {
      const found = open.has(statement.index) ? null : findTooLarge(statement, target.session, schemas)
      if (found !== null) tooLarge.push(found)
    })
    const left = read.map((statement) => withJournal(statement, open.get(statement.index)))
    for (const statement of fillIn(step, left)) {
      const row = open.get(statement.index) ?? null
      located.push({
        step,
        statement: asItsEffect(resolveStatement(statement, schemas)),
        isOpen: row?.state === 'open',
        row,
      })
    }
  }
  const ran = await listStatementsRun(target.snapshot, steps)
  return { located, ran: ran.map((statement) => resolveStatement(statement, schemas)), ranBefore, tooLarge }
}

import { stepName } from '../../domain/plan.ts'
import type { Gates } from '../gates.ts'
import type { Schemas } from '../placeholders.ts'
import type { RowToOpen, Session } from '../ports.ts'
import { digestDefinitions } from '../settle.ts'
import { companionsOf, type ReadyStatement, readyStatement } from './ready-statement.ts'
import { statementRow } from './rows.ts'
import type { StepRun, WorkQueue } from './work.ts'

/** Rows opened in one write, at most. */
const widest = 128

/** A statement whose row is about to be opened. */
export interface WindowMember {
  readonly run: StepRun
  readonly ready: ReadyStatement
}

/** The statement, and those after it whose rows may be opened in the same write (see `companionsOf`). */
export async function collectWindow(
  first: WindowMember,
  queue: WorkQueue,
  { gates, schemas }: { readonly gates: Gates; readonly schemas: Schemas },
  session: { readonly temporary: ReadonlySet<string>; readonly isChanged: boolean },
): Promise<readonly WindowMember[]> {
  const members: WindowMember[] = [first]
  const { source } = first.ready
  const joins = first.ready.class === source.class ? companionsOf(source) : null
  if (joins === null) return members
  let current = first.run
  for (let distance = 0; members.length < widest; distance += 1) {
    const work = await queue.peek(distance)
    if (work === undefined) break
    // The next migration's statements may not run in the session that this one has changed.
    if (work.type === 'end' && session.isChanged && current === first.run) break
    if (work.type === 'end' && gates.isAwaited(stepName(current.step))) break
    if (work.type === 'begin' && (work.run.resumption !== null || !gates.isOpen(work.run.step.after))) break
    if (work.type === 'begin') current = work.run
    if (work.type === 'begin' || work.type === 'end') continue
    if (work.type !== 'statement' || !joins(work.statement)) break
    const own = work.run === first.run ? session.temporary : new Set<string>()
    const ready = readyStatement(work.statement, work.statement, schemas, own)
    if (ready.class !== work.statement.class) break // on a temporary table
    // Of two that make the same thing one must fail; looked at later, the thing made by the first would speak for both.
    if (ready.class === 'definition' && members.some((member) => sharesName(member.ready, ready))) break
    members.push({ run: work.run, ready })
  }
  return members
}

/** Names alone are compared: that a schema is written out, or letters are capitals, may make no difference. */
function sharesName(one: ReadyStatement, other: ReadyStatement): boolean {
  const names = new Set(one.objects.map((object) => object.name.toLowerCase()))
  return other.objects.some((object) => names.has(object.name.toLowerCase()))
}

function isSettledByLooking(ready: ReadyStatement): boolean {
  return (ready.class === 'definition' || ready.class === 'account') && ready.objects.length > 0
}

/** The rows to open, each with the fingerprint of its objects as they are now: read for all of them together. */
export async function makeRows(members: readonly WindowMember[], session: Session): Promise<readonly RowToOpen[]> {
  const looked = members.filter((member) => isSettledByLooking(member.ready))
  const objects = looked.flatMap((member) => member.ready.objects)
  const identity = members.some((member) => member.ready.evidence !== 'definition')
  const definitions = objects.length === 0 ? [] : await session.readDefinitions(objects, identity)
  let read = 0
  return members.map(({ run, ready }) => {
    if (!isSettledByLooking(ready)) return statementRow(run, ready, null)
    const own = definitions.slice(read, read + ready.objects.length)
    read += ready.objects.length
    return statementRow(run, ready, isTelling(ready, own) ? digestDefinitions(ready.objects, own) : null)
  })
}

/**
 * False where looking will not tell. Two tables that look the same even with their identity (made in the same second,
 * InnoDB's numbers not to be read) could be swapped without a trace; exchanged partitions show in the numbers alone.
 */
function isTelling(ready: ReadyStatement, definitions: readonly (string | null)[]): boolean {
  // A swap names its tables twice.
  const byName = new Map(
    ready.objects.map((object, index) => [`${object.schema}.${object.name}`, definitions[index] ?? null]),
  )
  const present = [...byName.values()].filter((definition) => definition !== null)
  switch (ready.evidence) {
    case 'definition':
      return true
    case 'identity':
      return new Set(present).size === present.length
    case 'number':
      return present.every((definition) => /\n#[\d,]+$/.test(definition))
    case 'nothing':
      return false
  }
}

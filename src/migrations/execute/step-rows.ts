import { openRow, type RowToOpen } from '../journal/rows.ts'
import type { Migration } from '../migration.ts'
import type { Step } from '../plan.ts'
import type { Session } from '../ports.ts'
import type { ReadyStatement } from './ready-statement.ts'
import { digestDefinitions, identifiedBy } from './recover.ts'
import type { StepRun } from './work.ts'

/** A statement whose row is about to be opened. */
export interface StatementToOpen {
  readonly run: StepRun
  readonly ready: ReadyStatement
}

/** The common parts of the rows of one step. */
function rowsOf(run: StepRun) {
  const { migration, type, total } = run.step
  return {
    pass: run.pass,
    version: migration.version,
    name: migration.name,
    kind: migration.squashes !== undefined ? 'squash' : type === 'record' ? 'mark' : migration.kind,
    direction: type === 'revert' ? 'down' : 'up',
    checksum: migration.checksum,
    total: Math.max(1, total),
  } as const
}

/** The definitions of a statement's objects, with or without the identity of tables. */
interface ReadObjects {
  readonly definitions: readonly (string | null)[]
  readonly identity: boolean
}

/** The row of a statement; `read` is null where comparing objects proves nothing. */
function statementRow(run: StepRun, ready: ReadyStatement, read: ReadObjects | null): RowToOpen {
  const by = identifiedBy(read?.definitions ?? [])
  const missing = run.step.missing?.get(ready.source.index)
  return openRow({
    ...rowsOf(run),
    statement: ready.source.index,
    hash: ready.source.hash,
    class: ready.class,
    summary: ready.summary,
    objects: ready.objects,
    fingerprint: read === null ? null : digestDefinitions(ready.objects, read.definitions),
    // Definitions that were read together were all read in the same way.
    identity: read?.identity ?? ready.evidence !== 'definition',
    ...(by === null ? {} : { identifiedBy: by }),
    ...(missing === undefined ? {} : { missing }),
  })
}

/** The row of a data migration: the whole module is one statement. */
export function moduleRow(run: StepRun): RowToOpen {
  const { migration, type } = run.step
  return openRow({ ...rowsOf(run), class: 'module', summary: moduleSummary(migration, type) })
}

function moduleSummary({ file, shards }: Migration, type: Step['type']): string {
  const part = type === 'revert' ? 'down' : 'up'
  return shards === undefined ? `${part}() of ${file}` : `${part} on every shard of ${shards}`
}

/** The row of a step that only records. */
export function recordRow(run: StepRun): RowToOpen {
  return openRow({ ...rowsOf(run), total: 1, class: 'record', summary: 'recorded only' })
}

function isSettledByComparing(ready: ReadyStatement): boolean {
  return (ready.class === 'definition' || ready.class === 'account') && ready.objects.length > 0
}

/** The rows to open, each with the fingerprint of its objects' current definitions, which are read together. */
export async function makeRows(members: readonly StatementToOpen[], session: Session): Promise<readonly RowToOpen[]> {
  const compared = members.filter((member) => isSettledByComparing(member.ready))
  const objects = compared.flatMap((member) => member.ready.objects)
  const identity = members.some((member) => member.ready.evidence !== 'definition')
  const definitions = objects.length === 0 ? [] : await session.readDefinitions(objects, identity)
  let read = 0
  return members.map(({ run, ready }) => {
    if (!isSettledByComparing(ready)) return statementRow(run, ready, null)
    const own = definitions.slice(read, read + ready.objects.length)
    read += ready.objects.length
    return statementRow(run, ready, isConclusive(ready, own) ? { definitions: own, identity } : null)
  })
}

/**
 * False where a comparison proves nothing. Two tables with equal text and identity (created in the same second, InnoDB's
 * table IDs not readable) could be swapped without a trace; exchanged partitions show only in the IDs.
 */
function isConclusive(ready: ReadyStatement, definitions: readonly (string | null)[]): boolean {
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

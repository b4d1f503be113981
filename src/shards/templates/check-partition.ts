import type { Division, RowTime } from '../../core/shard-family.ts'
import type { Fault } from '../../core/tool-error.ts'
import { placeInStatement } from '../../migrations/files/placeholders.ts'
import { type Clause, isMark, isWord } from '../../sql/clauses.ts'
import { type HeaderName, headerFault } from './header.ts'
import type { FamilyDraft } from './template-file.ts'

/** Headers that suppose a table for each shard. */
const tableOnly: Readonly<Partial<Record<HeaderName, string>>> = {
  ids: 'all partitions share one AUTO_INCREMENT',
  view: 'the table itself shows all of them',
}

/** What the server, or rotation, does not allow where shards are partitions of one table. */
export function checkPartition(draft: FamilyDraft, division: Division, time: RowTime | null): readonly Fault[] {
  const header = draft.headers.get('shards')
  if (header === null) return []
  const object = (says: string, next: string, why?: string): Fault =>
    headerFault(header.place, { says, next, ...(why === undefined ? {} : { why }) })
  if (division.type === 'key')
    return [object('has no meaning in a family of keys', 'Remove it: partitions are made by the calendar.')]
  if (time === null) {
    if (draft.headers.get('time') !== null || draft.unreadable.includes('time')) return []
    return [object('needs the column that says when a row was made', 'Add `-- wwdb:time COLUMN`.')]
  }
  return [...checkTableOnly(draft), ...checkKeys(draft, time), ...checkDefinition(draft)]
}

function checkTableOnly({ headers }: FamilyDraft): readonly Fault[] {
  const unsuited = Object.entries(tableOnly).flatMap(([name, why]) => {
    const header = name === 'ids' ? headers.get('ids') : headers.get('view')
    if (header === null || header.value === null) return []
    return [
      headerFault(header.place, {
        says: 'has no meaning where shards are partitions',
        why: `${why}.`,
        next: 'Remove it.',
      }),
    ]
  })
  const references = headers.get('references')
  if (references?.value !== 'physical') return unsuited
  const says = 'is not possible where shards are partitions: a partitioned table has no foreign keys'
  return [...unsuited, headerFault(references.place, { says, next: 'Write "-- wwdb:references logical".' })]
}

/** Every unique key must have the column that partitions are made by (error 1503). */
function checkKeys({ content }: FamilyDraft, { column }: RowTime): readonly Fault[] {
  const { created, statement } = content
  if (created === null) return []
  const own = created.columns.find(({ name }) => name.toLowerCase() === column.toLowerCase())
  const keys = created.definitions.filter(isUnique).filter((definition) => !namesColumn(definition, column))
  const faults = keys.map((definition) => ({
    what: `This unique key does not contain \`${column}\`.`,
    where: placeInStatement(statement, definition[0]?.start ?? 0),
    why: 'The server requires the column that a table is partitioned by in each of its unique keys.',
    next: `Add \`${column}\` to its columns, or make it an index that is not unique.`,
  }))
  const isNullable =
    own !== undefined &&
    !own.definition.some((token, at) => isWord(token, 'NOT') && isWord(own.definition[at + 1], 'NULL'))
  if (!isNullable) return faults
  return [
    ...faults,
    {
      what: `The column \`${column}\` may be NULL.`,
      where: placeInStatement(statement, own.definition[0]?.start ?? 0),
      why: 'A row without a time belongs to no period, and the server would keep it below all of them.',
      next: 'Make it NOT NULL.',
    },
  ]
}

/** A key of its own, or one that a column's definition declares. */
function isUnique(definition: Clause): boolean {
  return definition.some((token) => isWord(token, 'UNIQUE', 'PRIMARY'))
}

/** The column in the key's list; for the definition of a column, the column itself. */
function namesColumn(definition: Clause, column: string): boolean {
  const isColumn = (text: string | undefined): boolean => text?.toLowerCase() === column.toLowerCase()
  const open = definition.findIndex((token) => isMark(token, '('))
  const isKey = isWord(definition[0], 'CONSTRAINT', 'PRIMARY', 'UNIQUE')
  if (!isKey) return isColumn(definition[0]?.text)
  return definition.slice(open).some(({ text }) => isColumn(text))
}

function checkDefinition({ content }: FamilyDraft): readonly Fault[] {
  const { created, statement, siblings } = content
  if (created === null) return []
  const partitions = created.options.find((token) => isWord(token, 'PARTITION'))
  const index = created.definitions.find(([first]) => isWord(first, 'FULLTEXT', 'SPATIAL'))
  const [sibling] = siblings
  const next = 'Remove it, or let each shard be a table: remove `-- wwdb:shards partition`.'
  return [
    ...(partitions === undefined
      ? []
      : [
          {
            what: 'The template partitions the table itself.',
            where: placeInStatement(statement, partitions.start),
            next: 'Remove the clause: rotation makes the partitions.',
          },
        ]),
    ...(index === undefined
      ? []
      : [
          {
            what: `A partitioned table has no ${index[0]?.text.toUpperCase() ?? ''} index.`,
            where: placeInStatement(statement, index[0]?.start ?? 0),
            next,
          },
        ]),
    ...(sibling === undefined
      ? []
      : [{ what: 'A partitioned table has no foreign keys.', where: sibling.where, next }]),
  ]
}

import { countOf } from '../../core/plural.ts'
import type { UnreachedTarget } from '../../core/target.ts'
import { renderUnreached } from '../../terminal/human/fault.ts'
import { nextLines, type Page, paragraph, symbol } from '../../terminal/human/page.ts'
import { type Line, toned } from '../../terminal/text/span.ts'
import { wrapLine } from '../../terminal/text/wrap.ts'
import type { Annotation, View } from '../../terminal/view.ts'
import type { ReferenceCheck, ReferenceEnd } from '../reference-check.ts'

/** The answer of `check references`. */
export interface OrphansResult {
  readonly kind: 'orphans'
  /** How references between logical databases are created here. */
  readonly references: 'physical' | 'logical'
  readonly keys: readonly ReferenceCheck[]
  readonly unreached: readonly UnreachedTarget[]
}

export const orphansView: View<OrphansResult> = {
  render: renderOrphans,
  annotations: ({ keys }) => keys.filter(({ state }) => state === 'orphaned').map(annotateOrphans),
}

/** Each foreign key with the findings: the rows without a parent, and some of their keys. */
function renderOrphans(result: OrphansResult, page: Page): readonly Line[] {
  const orphaned = result.keys.some((key) => key.state === 'orphaned')
  const next = orphaned ? ['Restore the missing parents, or correct or delete these rows; then check again.'] : []
  return [
    ...result.keys.flatMap((key) => renderCheck(key, page)),
    ...renderUnreached(result.unreached, page),
    ...wrapLine(summarize(result), page.columns, 2),
    ...nextLines(next, page),
  ]
}

function renderCheck(key: ReferenceCheck, page: Page): readonly Line[] {
  const ends: Line = [toned('strong', printEnd(key.child)), ' -> ', printEnd(key.parent)]
  switch (key.state) {
    case 'clean':
      return wrapLine([symbol('good'), ' ', ...ends, ...countShards(key)], page.columns, 2)
    case 'unchecked':
      return [
        ...wrapLine([symbol('idle'), ' ', ...ends, ': ', toned('warning', 'not checked')], page.columns, 2),
        ...paragraph(['    '], key.why ?? '', 4, page),
      ]
    case 'orphaned':
      return [
        ...wrapLine([symbol('bad'), ' ', ...ends, ': ', toned('bad', countOrphans(key))], page.columns, 2),
        ...renderSamples(key, page),
        ...renderShards(key, page),
        ...wrapLine([toned('faint', `    declared in ${key.file}:${key.line}`)], page.columns, 6),
      ]
  }
}

/** `user_db.users (id)` */
function printEnd({ database, schema, table, columns }: ReferenceEnd): string {
  return `${database ?? schema}.${table}${columns.length === 0 ? '' : ` (${columns.join(', ')})`}`
}

function countOrphans({ rows, values }: ReferenceCheck): string {
  return `${countOf(rows, 'row')} with ${countOf(values, 'missing key')}`
}

function renderSamples({ samples, values }: ReferenceCheck, page: Page): readonly Line[] {
  const more = values - samples.length
  return [
    ...samples.flatMap((sample) =>
      wrapLine(
        [`    ${sample.values.join(', ')}`, toned('faint', ` in ${countOf(sample.rows, 'row')}`)],
        page.columns,
        6,
      ),
    ),
    ...(more > 0 ? wrapLine([toned('faint', `    and ${countOf(more, 'key')} more`)], page.columns, 6) : []),
  ]
}

function countShards({ shards }: ReferenceCheck): Line {
  return shards === null ? [] : [toned('faint', ` in ${countOf(shards.checked, 'shard')}`)]
}

/** Beyond this number, shards are only counted. */
const mostShards = 5

function renderShards({ shards }: ReferenceCheck, page: Page): readonly Line[] {
  if (shards === null) return []
  const named = shards.orphaned.slice(0, mostShards).map(({ table, rows }) => `${table} (${countOf(rows, 'row')})`)
  const more = shards.orphaned.length - named.length
  const list = [...named, ...(more > 0 ? [`${countOf(more, 'shard')} more`] : [])].join(', ')
  return wrapLine([`    in ${list}`, toned('faint', ` of ${countOf(shards.checked, 'shard')}`)], page.columns, 6)
}

function summarize({ keys, references }: OrphansResult): Line {
  const count = (state: ReferenceCheck['state']): number => keys.filter((key) => key.state === state).length
  const rows = keys.reduce((sum, key) => sum + key.rows, 0)
  const verdict = rows === 0 ? toned('good', 'no orphans') : toned('bad', countOf(rows, 'orphaned row'))
  const unchecked = count('unchecked')
  const rest = unchecked === 0 ? '.' : `; ${unchecked} not checked.`
  return [`${countOf(keys.length, 'foreign key')} (${references} between databases): `, verdict, rest]
}

function annotateOrphans({ file, line, name, child, rows }: ReferenceCheck): Annotation {
  const place = `${child.database ?? child.schema}.${child.table}`
  return { level: 'error', title: name, message: `${countOf(rows, 'row')} of ${place} without a parent.`, file, line }
}

declare module '../../command/result.ts' {
  interface Answers {
    readonly orphans: OrphansResult
  }
}

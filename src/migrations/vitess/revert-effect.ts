import { describeDuration } from '../../core/duration.ts'
import { listNames } from '../../sql/clauses.ts'
import { quoteName } from '../../sql/quote-name.ts'
import type { RevertPart } from './plan-reverts.ts'

/** What a REVERT does, as a person is told, and as hazards are found in it. */
export interface RevertEffect {
  /** A definition with the same losses; null where nothing is lost. */
  readonly text: string | null
  readonly says: readonly string[]
}

/** The definitions of its table as SHOW CREATE TABLE prints them: as it is, and as the REVERT leaves it. Null where it does not exist. */
export interface BothWays {
  readonly present: string | null
  readonly before: string | null
}

/** The columns of a definition, each with what follows its name. A view has none here. */
function columnsOf(definition: string): ReadonlyMap<string, string> {
  const lines = definition.split('\n').flatMap((line) => {
    const [, name, rest] = /^ {2}`((?:[^`]|``)+)` (.*?),?$/.exec(line) ?? []
    return name === undefined || rest === undefined ? [] : [[name.replaceAll('``', '`'), rest] as const]
  })
  return new Map(lines)
}

/** The character set that a table gives to its columns, as the end of SHOW CREATE TABLE has it. */
const charsetOf = (definition: string): string => /^\) [^']*?\bDEFAULT CHARSET=(\w+)/m.exec(definition)?.[1] ?? ''

/** A column has no character set there where it is that of the table. */
function withCharset(definition: string): ReadonlyMap<string, string> {
  const charset = charsetOf(definition)
  const isText =
    /^(?:(?:var)?char\(\d+\)|(?:tiny|medium|long)?text|(?:enum|set)\('(?:[^']|'')*'(?:,'(?:[^']|'')*')*\))(?= |$)(?! CHARACTER SET)/
  return new Map(
    [...columnsOf(definition)].map(([name, type]) => [
      name,
      charset === '' ? type : type.replace(isText, (found) => `${found} CHARACTER SET ${charset}`),
    ]),
  )
}

/** What one REVERT takes away, brings back and leaves. Pure. */
export function describeRevert(part: RevertPart, { present, before }: BothWays): RevertEffect {
  const { table, action } = part
  const kind = part.isView ? 'view' : 'table'
  switch (action) {
    case 'create':
      if (part.artifact === null) return { text: null, says: [`\`${table}\` was there before: nothing is reverted.`] }
      return {
        text: `DROP ${kind.toUpperCase()} ${quoteName(table)}`,
        says: [
          `The ${kind} \`${table}\` goes away${kind === 'view' ? '' : `, with its rows. Vitess keeps it under another name ${describeLeft([part]) ?? 'until its time of `--retain-online-ddl-tables`, which began with the `CREATE`, has passed'}`}.`,
        ],
      }
    case 'drop':
      if (part.artifact === null) return { text: null, says: [`\`${table}\` did not exist: nothing is reverted.`] }
      return {
        text: null,
        says: [`The ${kind} \`${table}\` comes back${kind === 'view' ? '' : ' with the rows that it had'}.`],
      }
    case 'alter':
      if (kind === 'view') return { text: null, says: [`The view \`${table}\` gets its former definition.`] }
      return describeAlter(part, withCharset(present ?? ''), withCharset(before ?? ''))
    default: {
      const never: never = action
      return never
    }
  }
}

function describeAlter(
  { table, notes }: RevertPart,
  present: ReadonlyMap<string, string>,
  before: ReadonlyMap<string, string>,
): RevertEffect {
  const lost = [...present.keys()].filter((name) => !before.has(name))
  const back = [...before.keys()].filter((name) => !present.has(name))
  const changed = [...before].filter(([name, type]) => present.has(name) && present.get(name) !== type)
  const clauses = [
    ...lost.map((name) => `DROP COLUMN ${quoteName(name)}`),
    ...changed.map(([name, type]) => `MODIFY COLUMN ${quoteName(name)} ${type}`),
  ]
  const needed = back.filter((name) => needsValue(before.get(name) ?? ''))
  return {
    text: clauses.length === 0 ? null : `ALTER TABLE ${quoteName(table)} ${clauses.join(', ')}`,
    says: [
      `\`${table}\` gets its former definition. Rows that were written since stay.`,
      'Once it has begun, let it end: where it is canceled, as by a second Ctrl-C, it cannot be tried again.',
      ...(lost.length === 0 ? [] : [`${namesOf(table, lost)} goes away with its values.`]),
      ...(back.length === 0
        ? []
        : [
            `${namesOf(table, back)} comes back with its values, also in rows that were updated since; rows that were inserted since have its default.`,
          ]),
      ...(needed.length === 0
        ? []
        : [
            `${namesOf(table, needed)} needs a value and has no default: a row that was inserted since may stop the \`REVERT\`, which cannot be tried again then.`,
          ]),
      ...notes.map(
        (note) => `A row of \`${table}\` that was written since may stop it: ${note}. It cannot be tried again then.`,
      ),
    ],
  }
}

/** A column that a row cannot leave out. */
const needsValue = (type: string): boolean =>
  /\bNOT NULL\b/.test(type) && !/\b(?:DEFAULT|AUTO_INCREMENT|GENERATED ALWAYS)\b/.test(type)

const namesOf = (table: string, columns: readonly string[]): string =>
  columns.length === 1 ? `\`${table}\`.\`${columns[0]}\`` : `Each of ${listNames(columns)} of \`${table}\``

/** Not to the second, where hours are left. */
function roundDown(milliseconds: number): number {
  const unit = [3_600_000, 60_000, 1000].find((one) => milliseconds >= 2 * one) ?? 1000
  return Math.max(unit, Math.floor(milliseconds / unit) * unit)
}

/** How long Vitess keeps what a REVERT needs; null where that is not known. */
export function describeLeft(parts: readonly Pick<RevertPart, 'left'>[]): string | null {
  const lefts = parts.flatMap(({ left }) => (left === null ? [] : [left]))
  return lefts.length === 0 ? null : `for ${describeDuration(roundDown(Math.min(...lefts)))} more`
}

import { countOf } from '../../core/plural.ts'
import { readBase, readColumnType } from '../../ddl/column-type.ts'
import { type CreatedTable, readCreatedTable } from '../../ddl/created-table.ts'
import { readOptions } from '../../ddl/read-options.ts'
import { type Clause, inParentheses, isMark, isName, isWord } from '../../sql/clauses.ts'

/** How the server's table differs from the text that created it. Sentences. */
export interface DefinitionDifference {
  /** The table is not what was requested. */
  readonly faults: readonly string[]
  /** The same table, described differently. */
  readonly changes: readonly string[]
}

/**
 * Compares a CREATE TABLE with SHOW CREATE TABLE of the resulting table: columns in name, order and type, indexes, foreign
 * keys, checks, and the written options.
 */
export function compareDefinition(written: string, made: string): DefinitionDifference {
  const [asked, kept] = [readCreatedTable(written), readCreatedTable(made)]
  if (asked === null || kept === null)
    return { faults: ['The server does not show a table with columns.'], changes: [] }
  const types = compareTypes(asked, kept)
  return {
    faults: [
      ...compareColumns(asked, kept),
      ...types.faults,
      ...compareOptions(asked, kept),
      ...compareCounts(asked, kept),
    ],
    changes: [...types.changes, ...compareIndexes(asked, kept)],
  }
}

function compareColumns(asked: CreatedTable, kept: CreatedTable): readonly string[] {
  const [wanted, found] = [asked, kept].map((table) => table.columns.map(({ name }) => name))
  if (wanted === undefined || found === undefined || wanted.join('\0') === found.join('\0')) return []
  const missing = wanted
    .filter((name) => !found.includes(name))
    .map((name) => `The column \`${name}\` was not created.`)
  const extra = found.filter((name) => !wanted.includes(name)).map((name) => `The server added the column \`${name}\`.`)
  const both = [...missing, ...extra]
  return both.length > 0 ? both : [`The columns are in another order: ${found.join(', ')}.`]
}

const integers = /^(?:tiny|small|medium|big)?int$/

/** A type with its size as written: for integers, `ColumnType` has none. */
interface WrittenType {
  readonly base: string
  /** What is in parentheses, without them; null where there are none. */
  readonly size: string | null
  readonly unsigned: boolean
}

function readType(definition: Clause): WrittenType {
  const type = definition.slice(1)
  const { base, length } = readBase(type)
  const size = isMark(type[length], '(')
    ? inParentheses(type, length)
        .map(({ text }) => text)
        .join('')
    : null
  return { base, size, unsigned: readColumnType(type)?.unsigned ?? false }
}

function printWritten({ base, size, unsigned }: WrittenType): string {
  return `${base}${size === null ? '' : `(${size})`}${unsigned ? ' unsigned' : ''}`
}

/** A type that the server chooses by its size. */
const sized = ['float']

function compareTypes(
  asked: CreatedTable,
  kept: CreatedTable,
): { readonly faults: string[]; readonly changes: string[] } {
  const faults: string[] = []
  const changes: string[] = []
  for (const { name, definition } of asked.columns) {
    const found = kept.columns.find((column) => column.name === name)
    if (found === undefined) continue
    const [wanted, is] = [readType(definition), readType(found.definition)]
    if (wanted.base !== is.base || wanted.unsigned !== is.unsigned) {
      const list = sized.includes(wanted.base) ? changes : faults
      list.push(`The column \`${name}\` became ${printWritten(is)}, but the template says ${printWritten(wanted)}.`)
    } else if (wanted.size !== null && is.size === null && integers.test(is.base)) {
      changes.push(`The server drops the display width of \`${name}\`: ${printWritten(wanted)} is ${printWritten(is)}.`)
    } else if (wanted.size !== null && is.size !== null && wanted.size !== is.size) {
      changes.push(`The column \`${name}\` became ${printWritten(is)}, but the template says ${printWritten(wanted)}.`)
    }
  }
  return { faults, changes }
}

/** Engine, character set and collation as written; an option that is not written may have any value. */
function compareOptions(asked: CreatedTable, kept: CreatedTable): readonly string[] {
  return (['ENGINE', 'COLLATE', 'CHARSET'] as const).flatMap((option) => {
    const [wanted, found] = [asked, kept].map((table) => readOption(table, option))
    if (wanted == null || found == null || wanted === found) return []
    return [`The table has ${option} ${found}, but the template says ${wanted}.`]
  })
}

function readOption({ options }: CreatedTable, option: 'ENGINE' | 'COLLATE' | 'CHARSET'): string | null {
  return (
    readOptions(options)
      .get(option)
      ?.replace(/^utf8(?=_)/i, 'utf8mb3')
      .toLowerCase() ?? null
  )
}

/** MySQL before 9.0 parses a foreign key in the definition of a column, but does not create it. */
function compareCounts(asked: CreatedTable, kept: CreatedTable): readonly string[] {
  const counted = [
    ['REFERENCES', 'foreign key'],
    ['CHECK', 'check'],
  ] as const
  return counted.flatMap(([word, what]) => {
    const [wanted = 0, found = 0] = [asked, kept].map(({ definitions }) => countWord(definitions, word))
    return wanted === found ? [] : [`The table has ${countOf(found, what)}, but the template has ${wanted}.`]
  })
}

function countWord(definitions: readonly Clause[], word: string): number {
  return definitions.flat().filter((token) => isWord(token, word)).length
}

const indexWords = ['KEY', 'INDEX', 'UNIQUE', 'FULLTEXT', 'SPATIAL']

/** Names of indexes, without the primary key's and without unnamed ones. */
function indexNames({ definitions }: CreatedTable): readonly string[] {
  return definitions.flatMap((definition) => {
    const start = isWord(definition[0], 'CONSTRAINT')
      ? isName(definition[1]) && !isWord(definition[1], ...indexWords)
        ? 2
        : 1
      : 0
    if (!isWord(definition[start], ...indexWords)) return []
    const name = definition.slice(start).find((token) => !isWord(token, ...indexWords))
    if (isName(name)) return [name.text]
    return start === 2 && isName(definition[1]) ? [definition[1].text] : []
  })
}

/** Indexes that the server had to name or to add: one for every foreign key without one. */
function compareIndexes(asked: CreatedTable, kept: CreatedTable): readonly string[] {
  const written = new Set(indexNames(asked).map((name) => name.toLowerCase()))
  return indexNames(kept)
    .filter((name) => !written.has(name.toLowerCase()))
    .map((name) => `The server created the index \`${name}\`, which is not in the template.`)
}

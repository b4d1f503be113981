import { countOf } from '../../core/plural.ts'
import { type CreatedTable, readCreatedTable } from '../../ddl/created-table.ts'
import { type Clause, isMark, isName, isWord, readTableOption } from '../../sql/clauses.ts'

/** How what a server made differs from the text that made it. Sentences. */
export interface DefinitionDifference {
  /** The table is not what was asked for. */
  readonly faults: readonly string[]
  /** The same table, described differently. */
  readonly changes: readonly string[]
}

/**
 * Compares a CREATE TABLE with what SHOW CREATE TABLE says of the table it made: columns in name, order and type, indexes,
 * foreign keys, checks, and the options that were asked for.
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

/** Other words for a type (reference manual, "Using Data Types from Other Database Engines", "Numeric Type Syntax"). */
const synonyms: ReadonlyMap<string, string> = new Map([
  ['integer', 'int'],
  ['int1', 'tinyint'],
  ['int2', 'smallint'],
  ['int3', 'mediumint'],
  ['int4', 'int'],
  ['int8', 'bigint'],
  ['middleint', 'mediumint'],
  ['dec', 'decimal'],
  ['numeric', 'decimal'],
  ['fixed', 'decimal'],
  ['real', 'double'],
  ['float8', 'double'],
  ['float4', 'float'],
  ['character', 'char'],
  ['geometrycollection', 'geomcollection'],
])

const integers = /^(?:tiny|small|medium|big)?int$/

interface ColumnType {
  readonly name: string
  /** What is in parentheses, without them; null where there are none. */
  readonly size: string | null
  readonly unsigned: boolean
}

function readType(definition: Clause): ColumnType {
  const word = (definition[1]?.text ?? '').toLowerCase()
  if (word === 'bool' || word === 'boolean') return { name: 'tinyint', size: '1', unsigned: false }
  const open = definition.findIndex((token, at) => at === 2 && isMark(token, '('))
  const close = definition.findIndex((token, at) => open >= 0 && at > open && isMark(token, ')'))
  const inside = open < 0 ? null : definition.slice(open + 1, close).map(({ text }) => text)
  const after = close < 0 ? 2 : close + 1
  const unsigned = isWord(definition[after], 'UNSIGNED') || isWord(definition[after], 'ZEROFILL')
  return { name: synonyms.get(word) ?? word, size: inside === null ? null : inside.join(''), unsigned }
}

function printType({ name, size, unsigned }: ColumnType): string {
  return `${name}${size === null ? '' : `(${size})`}${unsigned ? ' unsigned' : ''}`
}

/** Types whose name says more than one thing, so that only the server knows what it is. */
const opaque = new Set(['national', 'nchar', 'nvarchar', 'long', 'serial', 'varcharacter', 'float', 'char'])

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
    if (wanted.name !== is.name || wanted.unsigned !== is.unsigned) {
      const list = opaque.has(wanted.name) ? changes : faults
      list.push(`The column \`${name}\` became ${printType(is)}, but the template says ${printType(wanted)}.`)
    } else if (wanted.size !== null && is.size === null && integers.test(is.name)) {
      changes.push(`The server drops the display width of \`${name}\`: ${printType(wanted)} is ${printType(is)}.`)
    } else if (wanted.size !== null && is.size !== null && wanted.size !== is.size) {
      changes.push(`The column \`${name}\` became ${printType(is)}, but the template says ${printType(wanted)}.`)
    }
  }
  return { faults, changes }
}

/** Engine, character set and collation as asked for; an option that is not written may be anything. */
function compareOptions(asked: CreatedTable, kept: CreatedTable): readonly string[] {
  return (['ENGINE', 'COLLATE', 'CHARSET'] as const).flatMap((option) => {
    const [wanted, found] = [asked, kept].map((table) => readOption(table, option))
    if (wanted == null || found == null || wanted === found) return []
    return [`The table has ${option} ${found.toLowerCase()}, but the template says ${wanted.toLowerCase()}.`]
  })
}

function readOption({ options }: CreatedTable, option: 'ENGINE' | 'COLLATE' | 'CHARSET'): string | null {
  const value = readTableOption(options, option)
  return value === null ? null : value.replace(/^UTF8(?=_|$)/, 'UTF8MB3')
}

/** MySQL before 9.0 reads a foreign key in the definition of a column, and makes none. */
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

/** Names of indexes; the primary key's is left out, and so are those that have none. */
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

/** Indexes that the server had to name or to add: one for every foreign key that has none. */
function compareIndexes(asked: CreatedTable, kept: CreatedTable): readonly string[] {
  const written = new Set(indexNames(asked).map((name) => name.toLowerCase()))
  return indexNames(kept)
    .filter((name) => !written.has(name.toLowerCase()))
    .map((name) => `The server created the index \`${name}\`, which is not in the template.`)
}

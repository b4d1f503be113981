import { type Clause, findWords } from '../../sql/clauses.ts'
import type { Token } from '../../sql/tokens.ts'
import { tokenize } from '../../sql/tokens.ts'
import { type ColumnType, isTextType, readColumnType } from '../column-type.ts'
import { joinParts, markPrimary, readPart } from '../read-table.ts'
import type { Table } from '../table.ts'
import type { DefinitionPart, TableDefinition } from './table-definition.ts'

/** A column's definition in the form that is compared: the values inherited from its table are filled in. */
export interface ColumnFacts {
  readonly name: string
  /** Null for a type that is not known here. */
  readonly type: ColumnType | null
  /** Its definition without name, character set and collation. */
  readonly rest: string
  /** `utf8mb4 utf8mb4_bin`; null for types without one. */
  readonly charset: string | null
  readonly virtual: boolean
  readonly stored: boolean
}

/**
 * Reads a column of SHOW CREATE TABLE. A character set is printed only where it differs from the table's, or was once
 * written out: neither makes a difference.
 */
export function readColumn(part: DefinitionPart, table: TableDefinition): ColumnFacts {
  const tokens = tokenize(part.text).slice(1)
  const type = readColumnType(tokens)
  const generated = findWords(tokens, 'GENERATED', 'ALWAYS') >= 0
  const virtual = generated && findWords(tokens, 'VIRTUAL') >= 0
  const written = readCharset(tokens)
  const isText = type !== null && isTextType(type)
  return {
    name: part.name,
    type: type === null ? null : { ...type, charset: isText ? charsetOf(written, table) : null },
    rest: printRest(part.text, tokens, written.taken),
    charset: isText ? describeCharset(written, table) : null,
    virtual,
    stored: generated && !virtual,
  }
}

interface WrittenCharset {
  readonly charset: string | null
  readonly collation: string | null
  /** Indexes of the tokens of the character set and the collation. */
  readonly taken: ReadonlySet<number>
}

function readCharset(tokens: Clause): WrittenCharset {
  const set = findWords(tokens, 'CHARACTER', 'SET')
  const collate = findWords(tokens, 'COLLATE')
  return {
    charset: set < 0 ? null : (tokens[set + 2]?.text ?? null),
    collation: collate < 0 ? null : (tokens[collate + 1]?.text ?? null),
    taken: new Set([...(set < 0 ? [] : [set, set + 1, set + 2]), ...(collate < 0 ? [] : [collate, collate + 1])]),
  }
}

function charsetOf({ charset, collation }: WrittenCharset, { options }: TableDefinition): string | null {
  return charset ?? collation?.split('_')[0] ?? options.get('CHARSET') ?? null
}

/** A character set without a collation means the default collation of the character set. */
function describeCharset(written: WrittenCharset, table: TableDefinition): string {
  const charset = charsetOf(written, table)
  const inherited = written.charset === null ? table.options.get('COLLATE') : undefined
  return `${charset} ${written.collation ?? inherited ?? 'default'}`
}

/** The text without the tokens that were taken out. */
function printRest(text: string, tokens: readonly Token[], taken: ReadonlySet<number>): string {
  return tokens.flatMap((token, at) => (taken.has(at) ? [] : [text.slice(token.start, token.end)])).join(' ')
}

/** A table with this definition as the rules know it. How many rows it has is not part of a definition: it counts as empty. */
export function toTable({ columns, indexes, foreignKeys, checks, options }: TableDefinition): Table {
  const written = [...columns, ...indexes, ...foreignKeys, ...checks]
  const charset = options.get('CHARSET') ?? null
  const parts = joinParts(written.map(({ text }) => readPart(tokenize(text), charset)))
  return {
    ...parts,
    columns: markPrimary(parts.columns, parts.indexes),
    name: '{{table}}',
    options,
    partitionedBy: null,
    complete: true,
    at: null,
    rows: 0,
    bytes: 0,
  }
}

import { closestName } from '../domain/closest-name.ts'
import type { Statement } from '../domain/statement.ts'
import type { Fault } from '../domain/tool-error.ts'
import { tokenize } from '../sql/tokens.ts'

const placeholder = /\{\{([^{}\n]*)\}\}/g
/** What a migration with `-- wwdb:shards` may use besides. */
const shardPlaceholder = /^(?:table|sibling:\w+)$/
const schemaOf = /^schema:(\S+)$/

/** The logical database that a name such as `{{schema:user_db}}` stands for, or null when it is a plain name. */
export function placeholderDatabase(name: string): string | null {
  return /^\{\{schema:(\S+)\}\}$/.exec(name)?.[1] ?? null
}

/**
 * What is wrong with the placeholders of a statement: only `{{schema:DATABASE}}` has a meaning. In strings, text
 * between double braces that does not begin with `schema:` is the user's own, e.g. that of a message template.
 * @param onShards true for a file whose statements run on every shard of a family
 */
export function findPlaceholderFaults(
  statement: Statement,
  databases: readonly string[],
  onShards = false,
): readonly Fault[] {
  if (!statement.text.includes('{{')) return []
  const faults: Fault[] = []
  for (const token of tokenize(statement.text)) {
    const written = statement.text.slice(token.start, token.end)
    for (const match of written.matchAll(placeholder)) {
      const inside = match[1] ?? ''
      if (token.type === 'string' && !inside.startsWith('schema:')) continue
      if (onShards && shardPlaceholder.test(inside)) continue
      const fault = placeholderFault(inside, databases)
      if (fault !== null) faults.push({ ...fault, where: placeInStatement(statement, token.start + match.index) })
    }
  }
  return faults
}

function placeholderFault(inside: string, databases: readonly string[]): Fault | null {
  const database = schemaOf.exec(inside)?.[1]
  if (database === undefined) {
    return {
      what: `{{${inside}}} is no placeholder that a migration may use.`,
      next: shardPlaceholder.test(inside)
        ? 'To change every shard of a family, write the header -- wwdb:shards FAMILY above "-- migrate:up".'
        : "Write {{schema:DATABASE}} for a logical database's schema, or the name itself.",
    }
  }
  if (databases.includes(database)) return null
  const close = closestName(database, databases)
  return {
    what: `{{schema:${database}}} names a database that the configuration does not have.`,
    next: close === null ? `It has ${databases.join(', ')}.` : `Did you mean {{schema:${close}}}?`,
  }
}

/** Where an offset of a statement's text lies in its file. */
export function placeInStatement(
  statement: Pick<Statement, 'text' | 'file' | 'line' | 'column'>,
  offset: number,
): NonNullable<Fault['where']> {
  const before = statement.text.slice(0, offset)
  const newline = before.lastIndexOf('\n')
  const lines = before.split('\n').length - 1
  return {
    file: statement.file,
    line: statement.line + lines,
    column: newline < 0 ? statement.column + offset : offset - newline,
  }
}

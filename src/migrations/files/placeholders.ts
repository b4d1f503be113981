import { closestName } from '../../core/closest-name.ts'
import type { Fault } from '../../core/tool-error.ts'
import { findPlaceholders, type Placeholder, schemaPlaceholder } from '../../sql/placeholders.ts'
import type { Statement } from '../../sql/statement.ts'

/** What a migration with `-- wwdb:shards` may use besides. */
const shardPlaceholder = /^(?:table|sibling:\w+)$/

/** The logical database that a name such as `{{schema:user_db}}` stands for, or null when it is a plain name. */
export function placeholderDatabase(name: string): string | null {
  return /^\{\{schema:(\S+)\}\}$/.exec(name)?.[1] ?? null
}

/**
 * What is wrong with the placeholders of a statement: only `{{schema:DATABASE}}` has a meaning, as a name of its own.
 * @param onShards true for a file whose statements run on every shard of a family
 */
export function findPlaceholderFaults(
  statement: Statement,
  databases: readonly string[],
  onShards = false,
): readonly Fault[] {
  return findPlaceholders(statement.text).flatMap((found) => {
    if (onShards && shardPlaceholder.test(found.inside)) return []
    const fault = placeholderFault(found, databases)
    return fault === null ? [] : [{ ...fault, where: placeInStatement(statement, found.start) }]
  })
}

function placeholderFault({ inside, place }: Placeholder, databases: readonly string[]): Fault | null {
  const database = schemaPlaceholder(inside)
  if (database === null) {
    return {
      what: `{{${inside}}} is no placeholder that a migration may use.`,
      next: shardPlaceholder.test(inside)
        ? 'To change every shard of a family, write the header -- wwdb:shards FAMILY above "-- migrate:up".'
        : "Write {{schema:DATABASE}} for a logical database's schema, or the name itself.",
    }
  }
  if (databases.includes(database)) return place === 'code' ? null : quotedFault(inside)
  const close = closestName(database, databases)
  return {
    what: `{{schema:${database}}} names a database that the configuration does not have.`,
    next: close === null ? `It has ${databases.join(', ')}.` : `Did you mean {{schema:${close}}}?`,
  }
}

function quotedFault(inside: string): Fault {
  return {
    what: `{{${inside}}} stands in backticks.`,
    why: 'What is filled in is a quoted name already.',
    next: `Leave the backticks out: {{${inside}}}.`,
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

import { closestName } from '../../core/closest-name.ts'
import type { Fault } from '../../core/tool-error.ts'
import { beginningOf } from '../../sql/mask-passwords.ts'
import { findPlaceholders, type Placeholder, schemaPlaceholder } from '../../sql/placeholders.ts'
import type { Statement } from '../../sql/statement.ts'
import { tokenize } from '../../sql/tokens.ts'

/** What a migration with `-- wwdb:shards` may also use. */
const shardPlaceholder = /^(?:table|sibling:\w+)$/

/** The logical database that a name such as `{{schema:user_db}}` stands for, or null when it is a plain name. */
export function placeholderDatabase(name: string): string | null {
  return /^\{\{schema:(\S+)\}\}$/.exec(name)?.[1] ?? null
}

/**
 * Faults of the placeholders in a statement: only `{{schema:DATABASE}}` is valid, as a separate name.
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
      what: `{{${inside}}} is not a placeholder that a migration can use.`,
      next: shardPlaceholder.test(inside)
        ? 'To change every shard of a family, write the header -- wwdb:shards FAMILY above "-- migrate:up".'
        : "Write {{schema:DATABASE}} for a logical database's schema, or the name itself.",
    }
  }
  if (databases.includes(database)) return place === 'code' ? null : quotedFault(inside)
  const close = closestName(database, databases)
  return {
    what: `\`{{schema:${database}}}\` names a database that is not in the configuration.`,
    next: close === null ? `The databases are \`${databases.join('`, `')}\`.` : `Did you mean \`{{schema:${close}}}\`?`,
  }
}

function quotedFault(inside: string): Fault {
  return {
    what: `{{${inside}}} is in backticks.`,
    why: 'The placeholder is replaced by a name that is already quoted.',
    next: `Leave the backticks out: {{${inside}}}.`,
  }
}

/** The position in the file of an offset in a statement's text. */
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

/** The name of a shard's table in the statements of a migration with `-- wwdb:shards`. */
const own = '{{table}}'

const allowedVerbs: ReadonlySet<string> = new Set([
  'ALTER TABLE',
  'CREATE INDEX',
  'DROP INDEX',
  'INSERT',
  'REPLACE',
  'UPDATE',
  'DELETE',
  'ANALYZE TABLE',
  'OPTIMIZE TABLE',
])

/** Changes that leave the definition as it was, so that it cannot show afterwards whether they ran; or that rename the shard. */
const refusedClause = /\b(?:(?:discard|import)\s+(?:partition|tablespace)|(?:exchange|truncate)\s+partition)\b/i

/**
 * Faults of a statement that will run on every shard of a family: it may only concern the shard's table, and must leave
 * creating and dropping it to rotation.
 */
export function findShardFaults(statement: Statement): readonly Fault[] {
  const { file, line, column } = statement
  const where = { file, line, column, statement: beginningOf(statement.text) }
  if (statement.refusal !== null) return []
  if (!allowedVerbs.has(statement.verb)) return [{ ...refuseVerb(statement), where }]
  if (!mentionsTable(statement)) return [{ ...refuseElsewhere(), where }]
  const other = statement.objects.find((object) => object.name !== own || object.schema !== null)
  if (other !== undefined) return [{ ...refuseObject(statement, other.name), where }]
  if (statement.verb === 'ALTER TABLE' && refusedClause.test(statement.text)) return [{ ...refuseClause(), where }]
  return []
}

function mentionsTable(statement: Statement): boolean {
  return tokenize(statement.text).some((token) => token.type === 'name' && token.text === own)
}

type Sentence = Pick<Fault, 'what' | 'why' | 'next'>

function refuseVerb({ verb }: Statement): Sentence {
  const makes = /^(?:CREATE|DROP|RENAME|TRUNCATE) TABLE/.test(verb)
  return {
    what: `${verb} is not allowed in a migration that runs on shards.`,
    why: makes
      ? 'Only rotation may create, rename and drop shards, because it keeps track of them.'
      : 'It runs once on every shard, on several at the same time, and may only use that table.',
    next: makes
      ? "Change the family's policy or template instead."
      : 'Use ALTER TABLE, CREATE INDEX, DROP INDEX, INSERT, UPDATE or DELETE on {{table}}, or put it into a migration of its own.',
  }
}

function refuseElsewhere(): Sentence {
  return {
    what: 'This statement does not name {{table}}.',
    why: 'It would run once for every shard, on an object that all of them share.',
    next: "Write {{table}} where the shard's table is meant, or put it into a migration of its own.",
  }
}

function refuseObject({ verb, objects }: Statement, name: string): Sentence {
  if (verb === 'ALTER TABLE' && objects[0]?.name === own && objects[0].schema === null)
    return {
      what: 'A migration that runs on shards may not rename them.',
      why: 'Rotation finds a shard by its name.',
      next: 'Leave the RENAME out.',
    }
  return {
    what: `This statement changes \`${name}\`, which is not a shard.`,
    why: 'It would run once for every shard.',
    next: 'Put it into a migration of its own.',
  }
}

function refuseClause(): Sentence {
  return {
    what: "This changes a shard's rows without changing its definition.",
    why: 'If it is interrupted, it is not known on which shards it ran.',
    next: 'Do not change partitions or tablespaces of shards.',
  }
}

/** A fan-out is a versioned file that is kept in memory: its statements are filled in for every shard. */
export function refuseShards(what: 'repeatable' | 'module' | 'large', place: NonNullable<Fault['where']>): Fault {
  const reasons = {
    repeatable: 'A repeatable migration cannot run on shards: each of its versions would have to match the template.',
    module: 'A data migration in TypeScript or JavaScript cannot run on shards.',
    large: 'A file of more than 8 MiB cannot run on shards.',
  } as const
  return { what: reasons[what], where: place, next: 'Write it as a versioned SQL migration.' }
}

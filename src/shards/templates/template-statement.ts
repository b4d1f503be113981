import type { Fault } from '../../core/tool-error.ts'
import { type CreatedTable, readCreatedTable, readSchemaWideNames } from '../../ddl/created-table.ts'
import { findOptions } from '../../ddl/read-options.ts'
import { placeInStatement } from '../../migrations/files/placeholders.ts'
import { isWord, outerTokens, skipName } from '../../sql/clauses.ts'
import { beginningOf } from '../../sql/mask-passwords.ts'
import type { Statement } from '../../sql/statement.ts'
import type { Token } from '../../sql/tokens.ts'

/** A family that a template names with `{{sibling:...}}`, and the position. */
export interface NamedSibling {
  readonly family: string
  readonly where: NonNullable<Fault['where']>
}

/** The CREATE TABLE of a template, parsed and checked. */
export interface TemplateStatement {
  readonly statement: Statement
  /** Null where it is not a CREATE TABLE with a list of columns; then there is a fault. */
  readonly created: CreatedTable | null
  readonly siblings: readonly NamedSibling[]
  readonly faults: readonly Fault[]
}

const tablePlaceholder = '{{table}}'
const placeholder = /\{\{([^{}\n]*)\}\}/g
const ownPlaceholder = /^(?:table|sibling:.*|schema:.*)$/

/** Checks a template's statement as far as possible without the other families. */
export function readTemplateStatement(statement: Statement): TemplateStatement {
  const created = statement.verb === 'CREATE TABLE' ? readCreatedTable(statement.text) : null
  const siblings: NamedSibling[] = []
  const faults = [...(created === null ? [noTableFault(statement)] : checkTable(statement, created, siblings))]
  return { statement, created, siblings, faults }
}

function noTableFault(statement: Statement): Fault {
  const { verb, text } = statement
  const start = { where: { ...placeInStatement(statement, 0), statement: beginningOf(text) } }
  if (statement.refusal !== null && verb !== 'CREATE TABLE') {
    return { what: statement.refusal.why, ...start, next: 'A template must have one CREATE TABLE {{table}} (...).' }
  }
  const why =
    verb === 'CREATE TABLE'
      ? 'This CREATE TABLE lists no columns.'
      : `A template must have a CREATE TABLE, not ${verb}.`
  return {
    what: why,
    ...start,
    why: 'Every shard is created from this text: LIKE would lose foreign keys and AUTO_INCREMENT, and a query would copy rows.',
    next: 'Write CREATE TABLE {{table}} (...) with its columns.',
  }
}

function checkTable(statement: Statement, created: CreatedTable, siblings: NamedSibling[]): readonly Fault[] {
  return [
    ...checkName(statement, created),
    ...checkPlaceholders(statement, created, siblings),
    ...checkReferences(statement, created),
    ...checkConstraintNames(statement, created),
    ...checkEngine(statement, created),
    ...checkQuery(statement, created),
    ...checkComments(statement, created),
  ]
}

function checkName(statement: Statement, { name }: CreatedTable): readonly Fault[] {
  const [token] = name
  if (name.length === 1 && token?.text === tablePlaceholder) return []
  return [
    {
      what: `The template creates the table ${statement.text.slice(token?.start, name.at(-1)?.end)}, which is the same name for every shard.`,
      where: placeInStatement(statement, token?.start ?? 0),
      next: 'Write CREATE TABLE {{table}}: the name of the shard is filled in, in the schema of the database.',
    },
  ]
}

function checkPlaceholders(statement: Statement, { tokens }: CreatedTable, siblings: NamedSibling[]): readonly Fault[] {
  const faults: Fault[] = []
  for (const token of tokens) {
    const written = statement.text.slice(token.start, token.end)
    for (const match of written.matchAll(placeholder)) {
      const inside = match[1] ?? ''
      const where = placeInStatement(statement, token.start + match.index)
      const sibling = token.type === 'name' ? /^sibling:([A-Za-z]\w*)$/.exec(inside)?.[1] : undefined
      if (sibling !== undefined) siblings.push({ family: sibling, where })
      else faults.push(...explainPlaceholder(inside, token, where))
    }
  }
  return faults
}

/** Text in double braces inside a string belongs to the user unless it looks like one of wwdb's placeholders. */
function explainPlaceholder(inside: string, token: Token, where: Fault['where'] & object): readonly Fault[] {
  if (token.type === 'name' && inside === 'table') return []
  if (token.type !== 'name' && !ownPlaceholder.test(inside)) {
    return token.type === 'string' ? [] : [unknownPlaceholder(inside, where)]
  }
  if (token.type === 'string') {
    const why = 'It would differ from shard to shard, and a shard that differs from its template counts as drifted.'
    return [
      { what: `{{${inside}}} is inside a string.`, where, why, next: 'Use a value that is valid for every shard.' },
    ]
  }
  if (/^schema:/.test(inside)) {
    const next = 'Name the referenced table in a header: -- wwdb:reference (column) database.table(column).'
    return [{ what: `{{${inside}}} is not a placeholder of templates.`, where, next }]
  }
  return [unknownPlaceholder(inside, where)]
}

function unknownPlaceholder(inside: string, where: Fault['where'] & object): Fault {
  return {
    what: `{{${inside}}} is not a placeholder of templates.`,
    where,
    next: "Write {{table}} for the shard's name, or {{sibling:FAMILY}} for the shard of the same key of another family.",
  }
}

const memberName = /^\{\{(?:table|sibling:[A-Za-z]\w*)\}\}$/

/** A key may reference a shard; a key to a shared table belongs in a header, which knows when it may be physical. */
function checkReferences(statement: Statement, { tokens }: CreatedTable): readonly Fault[] {
  return tokens.flatMap((token, at) => {
    const parent = isWord(token, 'REFERENCES') ? tokens.slice(at + 1, skipName(tokens, at + 1)) : []
    const [first] = parent
    if (first === undefined || (parent.length === 1 && memberName.test(first.text))) return []
    return [
      {
        what: `The foreign key to ${parent.map(({ text }) => text).join('')} references a table outside the family.`,
        where: placeInStatement(statement, first.start),
        why: 'Creating a shard with such a key locks the shared table.',
        next: 'Write it as a header, -- wwdb:reference (column) database.table(column), and -- wwdb:references physical if the server is to enforce it.',
      },
    ]
  })
}

/** Foreign keys and checks have names that are unique in their schema (manual, "FOREIGN KEY Constraints"). */
function checkConstraintNames(statement: Statement, created: CreatedTable): readonly Fault[] {
  return readSchemaWideNames(created)
    .filter((name) => !name.text.includes(tablePlaceholder))
    .map((name) => ({
      what: `The constraint ${name.text} would have the same name in every shard, but must be unique in a schema.`,
      where: placeInStatement(statement, name.start),
      next: `Leave the name out, or derive it from the table name: ${tablePlaceholder}_${name.text.slice(0, 20)}.`,
    }))
}

function checkEngine(statement: Statement, { options }: CreatedTable): readonly Fault[] {
  const engine = findOptions(options).find(({ name }) => name === 'ENGINE')?.value[0]
  if (engine === undefined || engine.text.toUpperCase() === 'INNODB') return []
  return [
    {
      what: `Shards must be InnoDB tables, but the template says ${engine.text}.`,
      where: placeInStatement(statement, engine.start),
      why: 'Rows are counted and archived in one consistent read before a shard is dropped.',
      next: 'Write ENGINE=InnoDB, or leave it out.',
    },
  ]
}

/** Words that begin a query, and are not table options. */
const queryWords = ['SELECT', 'AS', 'WITH', 'TABLE', 'VALUES', 'IGNORE', 'REPLACE']

function checkQuery(statement: Statement, { options }: CreatedTable): readonly Fault[] {
  const query = outerTokens(options).find(({ token }) => isWord(token, ...queryWords))
  if (query === undefined) return []
  return [
    {
      what: 'A query follows the columns.',
      where: placeInStatement(statement, query.token.start),
      why: 'A shard must be empty when it is created.',
      next: 'Remove the query.',
    },
  ]
}

/** A header inside the statement is a comment to the scanner: it would be missed. */
function checkComments(statement: Statement, { tokens }: CreatedTable): readonly Fault[] {
  return [...statement.text.matchAll(/(?:--|#)[ \t]*wwdb[ \t]*:/gi)]
    .filter(({ index }) => !tokens.some((token) => token.start <= index && index < token.end))
    .map(({ index }) => ({
      what: 'A header is inside the statement, where it is not read.',
      where: placeInStatement(statement, index),
      next: 'Move it above CREATE TABLE.',
    }))
}

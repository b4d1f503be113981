import { hasWords, isWord, skipName } from '../sql/clauses.ts'
import type { ObjectName, Statement } from '../sql/statement.ts'
import { tokenize } from '../sql/tokens.ts'
import { alterTable } from './alter-table.ts'
import { readTable } from './read-table.ts'
import type { Schema, SchemaObject, Table } from './table.ts'

const absent: SchemaObject = { type: 'absent' }
const unknown: SchemaObject = { type: 'unknown' }
const view: SchemaObject = { type: 'view' }

/** A change of one name. It is read when it is first asked for: most tables of a long history never are. */
interface Entry {
  readonly at: number
  readonly read: () => SchemaObject
}

/** Tables that are held as they were read, of those that a CREATE TABLE made: the others are read again when they are asked for, as thousands would fill the memory. */
const mostHeld = 1000

/** Tables that were read last, by the statement that made them. */
class RecentTables {
  readonly #held = new Map<Statement, SchemaObject>()

  get(statement: Statement, read: () => SchemaObject): SchemaObject {
    const found = this.#held.get(statement) ?? read()
    this.#held.delete(statement)
    this.#held.set(statement, found)
    const [oldest] = this.#held.keys()
    if (this.#held.size > mostHeld && oldest !== undefined) this.#held.delete(oldest)
    return found
  }
}

/**
 * What statements make of a schema, as a log: every moment of it can be looked at, and no table is read before it is asked for.
 * Where unknown code ran, nothing that was known before stays certain.
 */
export class SchemaLog {
  readonly #database: string
  readonly #base: Schema | null
  readonly #entries = new Map<string, Entry[]>()
  readonly #recent = new RecentTables()
  /** Bodies of procedures by name in lower case. */
  readonly #bodies = new Map<string, string>()
  /** Moments at which code ran that cannot be read. */
  readonly #unseen: number[] = []
  #now = 0

  /** @param base what there is before the first statement; nothing is known by default */
  constructor(database: string, base: Schema | null = null) {
    this.#database = database
    this.#base = base
  }

  /** The schema at this moment; it stays as it is when the log continues. */
  get now(): Schema {
    return new Moment(
      this.#database,
      this.#now,
      (key, at) => this.#look(key, at),
      () => this.#names(),
    )
  }

  /** Code that cannot be read ran: procedures, prepared statements, data migrations. */
  forget(): void {
    this.#now += 1
    this.#unseen.push(this.#now)
  }

  /** @param surely false for a statement that runs only under a condition: afterwards both may be the case */
  follow(statement: Statement, surely = true): void {
    const { objects, verb } = statement
    switch (verb) {
      case 'CREATE TABLE':
        this.#create(statement, surely)
        break
      case 'ALTER TABLE':
      case 'CREATE INDEX':
      case 'DROP INDEX':
        this.#alter(statement, surely)
        break
      case 'RENAME TABLE':
        this.#rename(objects, surely)
        break
      case 'DROP TABLE':
      case 'DROP VIEW':
        for (const name of objects) this.#set(name, () => (surely ? absent : unknown))
        break
      case 'CREATE VIEW':
      case 'ALTER VIEW':
        for (const name of objects.slice(0, 1)) this.#set(name, () => (surely ? view : unknown))
        break
      default:
        this.#run(statement)
    }
  }

  #run({ verb, class: kind, objects, text }: Statement): void {
    const [first] = objects
    const name = first?.name.toLowerCase() ?? ''
    if (verb === 'CREATE PROCEDURE') this.#bodies.set(name, text)
    else if (kind === 'execute' || verb === 'DROP DATABASE' || verb === 'CREATE DATABASE') this.forget()
    else if (kind === 'call' && !isHarmless(this.#bodies.get(name))) this.forget()
  }

  #create(statement: Statement, surely: boolean): void {
    const [name] = statement.objects
    if (name === undefined) return
    const before = this.now
    const read = (): SchemaObject => {
      const present = before.find(name)
      if (statement.idempotent && present.type !== 'absent' && present.type !== 'unknown') return present
      const tokens = tokenize(statement.text)
      const like = tokens.findIndex((token) => isWord(token, 'LIKE'))
      const made = like < 0 ? null : copyTable(before, name.name, tokens, like, statement)
      return { type: 'table', table: uncertain(made ?? readTable(statement, tokens), !surely) }
    }
    // What stands on other tables is read once: those may stand on others in turn.
    if (statement.idempotent || /\blike\b/i.test(statement.text)) this.#set(name, read)
    else this.#add(name, () => this.#recent.get(statement, read))
  }

  #alter(statement: Statement, surely: boolean): void {
    const [name] = statement.objects
    if (name === undefined) return
    const before = this.now
    const read = (): SchemaObject => {
      const present = before.find(name)
      if (present.type !== 'table') return present
      const altered = alterTable(present.table, tokenize(statement.text))
      return { type: 'table', table: uncertain(altered, !surely) }
    }
    this.#set(name, read)
    if (statement.verb !== 'ALTER TABLE' || statement.objects.length < 2) return
    if (/\brename\b/i.test(statement.text)) this.#rename(statement.objects, surely)
  }

  /** Pairs of old and new names. */
  #rename(names: readonly ObjectName[], surely: boolean): void {
    for (let index = 0; index + 1 < names.length; index += 2) {
      const [from, to] = [names[index], names[index + 1]]
      if (from === undefined || to === undefined) continue
      const before = this.now
      this.#set(from, () => (surely ? absent : unknown))
      this.#set(to, () => {
        const found = before.find(from)
        if (found.type !== 'table') return found
        return { type: 'table', table: uncertain({ ...found.table, name: to.name }, !surely) }
      })
    }
  }

  #set(name: ObjectName, read: () => SchemaObject): void {
    let made: SchemaObject | null = null
    this.#add(name, () => {
      made ??= read()
      return made
    })
  }

  #add(name: ObjectName, read: () => SchemaObject): void {
    const key = localKey(name, this.#database)
    this.#now += 1
    if (key === null) return
    const entry: Entry = { at: this.#now, read }
    const entries = this.#entries.get(key)
    if (entries === undefined) this.#entries.set(key, [entry])
    else entries.push(entry)
    // Each change reads the one before it: a table with thousands of them must not make a stack of as many calls.
    if (entries !== undefined && entries.length % 64 === 0) entry.read()
  }

  /** What is known of a name at a moment. */
  #look(key: string, at: number): SchemaObject {
    const entry = this.#entries.get(key)?.findLast((each) => each.at <= at)
    const since = entry?.at ?? 0
    const found = entry?.read() ?? this.#base?.find({ schema: null, name: key }) ?? unknown
    const isUnseen = this.#unseen.some((moment) => moment > since && moment <= at)
    if (!isUnseen || found.type === 'unknown') return found
    return found.type === 'table' ? { type: 'table', table: uncertain(found.table, true) } : unknown
  }

  #names(): Iterable<string> {
    return new Set([...(this.#base?.tables.keys() ?? []), ...this.#entries.keys()])
  }
}

class Moment implements Schema {
  readonly database: string
  readonly #at: number
  readonly #look: (key: string, at: number) => SchemaObject
  readonly #names: () => Iterable<string>
  #tables: ReadonlyMap<string, Table> | null = null

  constructor(
    database: string,
    at: number,
    look: (key: string, at: number) => SchemaObject,
    names: () => Iterable<string>,
  ) {
    this.database = database
    this.#at = at
    this.#look = look
    this.#names = names
  }

  find(name: Pick<ObjectName, 'schema' | 'name'>): SchemaObject {
    const key = localKey(name, this.database)
    return key === null ? unknown : this.#look(key, this.#at)
  }

  get tables(): ReadonlyMap<string, Table> {
    this.#tables ??= new Map(
      [...this.#names()].flatMap((name) => {
        const found = this.#look(name, this.#at)
        return found.type === 'table' ? [[name, found.table] as const] : []
      }),
    )
    return this.#tables
  }
}

/** The name in lower case; null for one of another schema, or one that is made of a placeholder. */
function localKey({ schema, name }: Pick<ObjectName, 'schema' | 'name'>, database: string): string | null {
  if (name.includes('{{')) return null
  if (schema !== null && schema !== `{{schema:${database}}}`) return null
  return name.toLowerCase()
}

function uncertain(table: Table, isSo: boolean): Table {
  return isSo && table.complete ? { ...table, complete: false } : table
}

/** CREATE TABLE ... LIKE copies columns and indexes, and no foreign keys. */
function copyTable(
  before: Schema,
  name: string,
  tokens: ReturnType<typeof tokenize>,
  like: number,
  { file, line }: Statement,
): Table | null {
  if (!hasWords(tokens, 0, 'CREATE', 'TABLE')) return null
  const isQualified = skipName(tokens, like + 1) > like + 2
  const source = {
    schema: isQualified ? (tokens[like + 1]?.text ?? null) : null,
    name: tokens[isQualified ? like + 3 : like + 1]?.text ?? '',
  }
  const found = before.find(source)
  return found.type === 'table' ? { ...found.table, name, foreignKeys: [], at: { file, line } } : null
}

/** True for a procedure whose text is known and neither changes definitions nor runs texts. */
function isHarmless(body: string | undefined): boolean {
  if (body === undefined) return false
  const inner = body.slice(body.search(/\bprocedure\b/i) + 9)
  return !/\b(?:alter|create|drop|rename|prepare|execute|call)\b/i.test(inner)
}

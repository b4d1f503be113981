import type { TemplateChange } from '../../../src/shards/fan-out/ports.ts'
import { MemoryJournal } from './journal.ts'

/** What a statement did, once it is committed. */
export interface Effect {
  readonly schema: string
  /** The statement with its variables filled in. */
  readonly text: string
}

/** The server said no. */
export class Refused extends Error {}
/** KILL QUERY ended the statement. */
export class Canceled extends Error {}

interface Table {
  readonly id: number
  readonly changes: readonly string[]
}

interface Schema {
  readonly journal: MemoryJournal
  /** The journal of fan-outs. */
  readonly ledger: MemoryJournal
  readonly tables: Map<string, Table>
}

/** One server: schemas, locks by schema, and a log of everything that was committed, in order. */
export class MemoryServer {
  readonly effects: Effect[] = []
  /** What gave the templates of families their versions. */
  readonly templateChanges: TemplateChange[] = []
  readonly #schemas = new Map<string, Schema>()
  readonly #holders = new Map<string, MemoryConnection>()
  readonly #waiters = new Map<string, (() => void)[]>()
  /** What each row was made of, by its id. */
  readonly rows = new Map<string, string>()
  #serial = 0

  schema(name: string): Schema {
    const schema = this.#schemas.get(name) ?? {
      journal: new MemoryJournal(),
      ledger: new MemoryJournal(),
      tables: new Map(),
    }
    this.#schemas.set(name, schema)
    return schema
  }

  /** A number that no other thing on this server has: connections, tables, rows, microseconds. */
  next(): number {
    this.#serial += 1
    return this.#serial
  }

  /** UTC by a clock that moves on with every question. */
  now(): string {
    return `2026-01-01 00:00:00.${String(this.next()).padStart(6, '0')}`
  }

  holderOf(lock: string): MemoryConnection | null {
    return this.#holders.get(lock) ?? null
  }

  /** GET_LOCK without a wait. */
  tryLock(connection: MemoryConnection): boolean {
    const holder = this.#holders.get(connection.lock)
    if (holder !== undefined && holder !== connection) return false
    this.#holders.set(connection.lock, connection)
    return true
  }

  unlock(connection: MemoryConnection): void {
    if (this.#holders.get(connection.lock) !== connection) return
    this.#holders.delete(connection.lock)
    for (const wake of this.#waiters.get(connection.lock) ?? []) wake()
    this.#waiters.delete(connection.lock)
  }

  /** Resolves when a session gives the lock back. */
  released(lock: string): Promise<void> {
    return new Promise((resolve) => this.#waiters.set(lock, [...(this.#waiters.get(lock) ?? []), resolve]))
  }
}

/** The server's side of a connection: a transaction, variables, prepared statements. */
export class MemoryConnection {
  readonly id: number
  readonly server: MemoryServer
  readonly schema: string
  /** Its lock's name: the schema, or a worker's own. */
  readonly lock: string
  /** The connection whose lock must hold, too, for a worker to write. */
  readonly leader: number | null
  readonly variables = new Map<string, string>()
  lastInsertId: string | null = null
  readonly #prepared = new Map<string, string>()
  #uncommitted: (() => void)[] = []
  #orphan: string | null = null
  #interrupt: (() => void) | null = null
  #closed = false

  /** @param worker for a worker of a fan-out: its number, and the connection that leads */
  constructor(
    server: MemoryServer,
    schema: string,
    worker: { readonly number: number; readonly leader: number } | null = null,
  ) {
    this.server = server
    this.schema = schema
    this.lock = worker === null ? schema : `${schema} worker ${worker.number}`
    this.leader = worker?.leader ?? null
    this.id = server.next()
  }

  get closed(): boolean {
    return this.#closed
  }

  get orphaned(): boolean {
    return this.#orphan !== null
  }

  holdsLock(): boolean {
    if (this.leader !== null && this.server.holderOf(this.schema)?.id !== this.leader) return false
    return this.server.holderOf(this.lock) === this
  }

  /** Takes effect with the next commit. */
  stage(effect: () => void): void {
    this.#uncommitted.push(effect)
  }

  commit(): void {
    for (const effect of this.#uncommitted) effect()
    this.#uncommitted = []
  }

  rollback(): void {
    this.#uncommitted = []
  }

  /** The client is gone: what was not committed is undone, the lock is free. */
  close(): void {
    this.#interrupt?.()
    this.rollback()
    this.#closed = true
    this.#orphan = null
    this.server.unlock(this)
  }

  /** The client is gone in the middle of a statement, which continues and keeps the lock until `finishOrphan`. */
  abandon(text: string): void {
    this.#closed = true
    this.#orphan = text
  }

  finishOrphan(): void {
    const text = this.#orphan
    this.#orphan = null
    if (text !== null && text !== 'SLEEP') {
      try {
        this.#execute(text)
      } catch (error) {
        if (!(error instanceof Refused)) throw error
      }
    }
    this.close()
  }

  interrupt(): void {
    this.#interrupt?.()
  }

  forget(variables: readonly string[], prepared: readonly string[]): void {
    for (const name of variables) this.variables.delete(name)
    for (const name of prepared) this.#prepared.delete(name)
  }

  /** Runs one statement; what it returns is the number of rows. */
  async run(text: string): Promise<number | null> {
    if (text !== 'SLEEP') return this.#execute(text)
    await new Promise<void>((resolve) => {
      this.#interrupt = resolve
    })
    throw new Canceled('the statement was killed')
  }

  #execute(text: string): number | null {
    const [verb = '', object = '', value = '', ending = ''] = text.replaceAll('`', '').split(' ')
    switch (verb) {
      case 'SET':
      case 'ADD':
        this.variables.set(
          object,
          String(Number(value) + (verb === 'ADD' ? Number(this.variables.get(object) ?? 0) : 0)),
        )
        return null
      case 'PREPARE':
        this.#prepared.set(object, /'(.*)'/.exec(text)?.[1] ?? '')
        return null
      case 'EXECUTE':
        return this.#execute(this.#prepared.get(object) ?? 'FAIL p EXECUTE')
      case 'INSERT':
      case 'UPDATE':
      case 'CALL':
        this.#insert(verb, object, value)
        if (ending === 'COMMITS') this.commit()
        return 1
      case 'FAIL':
        if (value === 'CREATE' || value === 'ALTER') this.commit()
        throw new Refused('the server does not like it')
      default:
        this.#define(verb, object, value)
        this.#log(text.replaceAll('`', ''))
        return null
    }
  }

  #insert(verb: string, name: string, written: string): void {
    if (!this.server.schema(this.schema).tables.has(name)) throw new Refused(`there is no table ${name}`)
    const variable = written.startsWith('@') ? (this.variables.get(written.slice(1)) ?? 'NULL') : written
    const value = written === 'LAST' ? `after ${this.server.rows.get(this.lastInsertId ?? '') ?? 'nothing'}` : variable
    const row = `${verb} ${name} ${value}`
    this.lastInsertId = String(this.server.next())
    this.server.rows.set(this.lastInsertId, row)
    this.stage(() => this.#log(row))
  }

  /** A definition commits what came before it, and itself, whole or not at all. */
  #define(verb: string, name: string, value: string): void {
    this.commit()
    const { tables } = this.server.schema(this.schema)
    const present = tables.get(name)
    if ((verb === 'CREATE') === (present !== undefined)) throw new Refused(`${name} is ${present ? '' : 'not '}there`)
    const id = this.server.next()
    if (verb === 'CREATE') tables.set(name, { id, changes: [] })
    else if (verb === 'ALTER')
      tables.set(name, { id: present?.id ?? id, changes: [...(present?.changes ?? []), value] })
    else if (verb === 'TRUNCATE') tables.set(name, { id, changes: present?.changes ?? [] })
    else tables.delete(name)
    if (verb === 'RENAME') tables.set(value, present ?? { id, changes: [] })
  }

  #log(text: string): void {
    this.server.effects.push({ schema: this.schema, text })
  }
}

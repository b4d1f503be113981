import type { Config, DatabaseConfig } from '../config/config.ts'
import { groupBy } from '../core/group-by.ts'
import { ToolError } from '../core/tool-error.ts'
import { type JournalState, readStates } from './journal/journal.ts'
import type { JournalSnapshot } from './journal/rows.ts'
import type { ServerPort, Session } from './ports.ts'
import { isMissing } from './unreached.ts'

/** Which databases are opened, and how. */
export interface Access {
  readonly config: Config
  readonly databases: readonly DatabaseConfig[]
  readonly servers: ServerPort
  readonly writable: boolean
}

/** A database with its journal, read on a session of its own or on that of another database of its server. */
export interface Seen {
  readonly database: DatabaseConfig
  readonly session: Pick<Session, 'target' | 'facts'>
  readonly snapshot: JournalSnapshot
  readonly state: JournalState
}

export interface Opened extends Seen {
  readonly session: Session
}

type Settled = readonly PromiseSettledResult<Opened>[]

/** Databases that are being opened. */
export class Opening {
  readonly #access: Access
  readonly #begun = new Map<DatabaseConfig, Promise<Opened>>()

  constructor(access: Access) {
    this.#access = access
  }

  /** Opens all that are not open yet, in parallel. In the request's order. Never rejects. */
  all(): Promise<Settled> {
    return Promise.allSettled(this.#access.databases.map((database) => this.#open(database)))
  }

  /** Opens the first database of each account on a server. False where that saves no login, and where one of them cannot be opened: its error is that of `all`. */
  async firsts(): Promise<boolean> {
    const groups = this.#groups()
    if (groups.length === this.#access.databases.length) return false
    const firsts = groups.flatMap(([first]) => (first === undefined ? [] : [this.#open(first)]))
    return (await Promise.allSettled(firsts)).every(({ status }) => status === 'fulfilled')
  }

  /**
   * The journals of all databases in the request's order: the session of the first database of each account on a server also reads those of the others. Null where
   * one of the databases must be opened to be known. Never rejects. Nothing else is done with these sessions before it ends.
   */
  async seeTogether(): Promise<readonly Seen[] | null> {
    const looks = await Promise.all(this.#groups().map((group) => this.#seeGroup(group)))
    const seen = new Map(looks.flatMap((look) => look ?? []).map((one) => [one.database, one]))
    const { databases } = this.#access
    const all = databases.flatMap((database) => seen.get(database) ?? [])
    return all.length === databases.length ? all : null
  }

  /** Closes what was opened. Never rejects. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.#begun.values()].map(async (one) => (await one).session.close()))
  }

  #groups(): readonly (readonly DatabaseConfig[])[] {
    return [...groupBy(this.#access.databases, ({ server }) => server).values()]
  }

  #open(database: DatabaseConfig): Promise<Opened> {
    const begun = this.#begun.get(database) ?? openOne(this.#access, database)
    this.#begun.set(database, begun)
    return begun
  }

  async #seeGroup([first, ...others]: readonly DatabaseConfig[]): Promise<readonly Seen[] | null> {
    const opened = first === undefined ? null : await this.#open(first).catch(() => null)
    if (opened === null || others.length === 0) return opened && [opened]
    // Before its first migration no database has nothing to do.
    if (!opened.snapshot.exists) return null
    const beside = await readBeside(opened, others).catch(() => this.#drop(opened))
    return beside && [opened, ...beside]
  }

  /** After an error the connection may be lost, so that the run gets another one. What the error was, the session of the database that it is about reports. */
  async #drop({ database, session }: Opened): Promise<null> {
    this.#begun.delete(database)
    await session.close().catch(() => undefined)
    return null
  }
}

async function readBeside({ session }: Opened, others: readonly DatabaseConfig[]): Promise<readonly Seen[] | null> {
  const { facts, readJournals } = session
  const targets = others.map(({ name, schema, server }) => ({ database: name, schema, server: server.label }))
  const snapshots = (await readJournals?.(targets)) ?? null
  if (snapshots === null) return null
  return others.flatMap((database, index): readonly Seen[] => {
    const [target, snapshot] = [targets[index], snapshots[index]]
    if (target === undefined || snapshot === undefined) return []
    return [{ database, session: { target, facts }, snapshot, state: readStates(snapshot) }]
  })
}

export const opened = (settled: Settled): readonly Opened[] =>
  settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))

/** Whether a migration was applied from a file with this checksum: then the file was split and checked before it ran. */
export type IsApplied = (database: string, version: string, checksum: string) => boolean

export function appliedIn(journals: readonly Pick<Seen, 'database' | 'state'>[]): IsApplied {
  const states = new Map(journals.map(({ database, state }) => [database.name, state.states]))
  return (database, version, checksum) => {
    const state = states.get(database)?.get(version)
    return state?.type === 'applied' && state.pass.checksum === checksum
  }
}

/** What comes within the given milliseconds, else the other value. */
export async function within<T, Late>(milliseconds: number, coming: Promise<T>, late: Late): Promise<T | Late> {
  let timer: NodeJS.Timeout | undefined
  const end = new Promise<Late>((resolve) => {
    timer = setTimeout(resolve, milliseconds, late)
  })
  try {
    return await Promise.race([coming, end])
  } finally {
    clearTimeout(timer)
  }
}

async function openOne(request: Omit<Access, 'databases'>, database: DatabaseConfig): Promise<Opened> {
  const session = await request.servers.open(database, request.config.timeouts, request.writable)
  try {
    const snapshot = await session.readJournal()
    return { database, session, snapshot, state: readStates(snapshot) }
  } catch (error) {
    await session.close()
    throw error
  }
}

/** A neighbor's journal; null where its schema does not exist. The connection is closed again. */
export async function lookAt(request: Omit<Access, 'databases'>, database: DatabaseConfig): Promise<Opened | null> {
  if (database.targets !== undefined) throw refuseNeighbor(database)
  try {
    const one = await openOne({ ...request, writable: false }, database)
    await one.session.close()
    return one
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

/** The journals of many targets are not read for a run of another database: each of their migrations may be applied in one, and none in all. */
function refuseNeighbor({ name }: DatabaseConfig): ToolError {
  return new ToolError('TARGETS_MANY', {
    what: `\`${name}\` has many targets, and their journals are not read in a run of another database.`,
    where: { database: name },
    next: `Remove what links the files: for a rollback, roll back in every target of \`${name}\` what requires it, and remove those files; for \`migrate\`, remove the \`requires\` of \`${name}\`.`,
  })
}

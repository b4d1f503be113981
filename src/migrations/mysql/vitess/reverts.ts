import type { Asker } from '../../../mysql/connection.ts'
import { hashStatement } from '../../../sql/classify.ts'
import type { JournalRow } from '../../journal/journal.ts'
import { isByCopy, type KeptMigration, refuseRevert } from '../../vitess/plan-reverts.ts'
import { revertText, type Sought } from '../../vitess/revert-statement.ts'
import { isPending, type ShardMigration } from '../../vitess/shard-migrations.ts'
import { leftOpen, reasonOf, refused } from './errors.ts'
import { mayComeLater } from './follow-migrations.ts'
import type { Giving } from './giving.ts'
import { readKept } from './kept-migrations.ts'
import { readMigrations, readOnShards, readRows } from './keyspace.ts'
import { type RevertParts, RevertTurns, sendRevert } from './revert-turns.ts'

/** A REVERT that Vitess has been given. */
interface GivenRevert {
  readonly sought: Sought
  readonly submitted: null
  /** Earlier ones, which ended before they began. */
  readonly ignored: ReadonlySet<string>
  /** It takes back what Vitess did by a copy, and does it by one as well. */
  readonly isOnline: boolean
  /** A table comes back. */
  readonly creates: boolean
  readonly turns: RevertTurns | null
}

interface Parts extends RevertParts {
  readonly giving: Giving
}

/** REVERTs in a keyspace. Each is judged again when it is given: those before it may have taken longer than Vitess keeps what it needs. */
export class Reverts {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Null for what takes nothing back. */
  turnsOf = (sought: Sought): RevertTurns | null =>
    sought.type === 'revert' ? new RevertTurns(this.#parts, sought.uuid) : null

  /**
   * Gives it to every shard. Throws its refusal where none has taken it; a shard that was away gets it later.
   * @param changing why nothing may be done to tables of the keyspace now
   */
  async give(uuid: string, changing: string | null): Promise<GivenRevert> {
    const { keyspace, giving } = this.#parts
    const sought: Sought = { type: 'revert', uuid }
    if (changing !== null) throw await this.#refuseNow(sought, changing)
    const kept = await this.#read()
    const earlier = kept.filter(({ reverts }) => reverts === uuid)
    const isBegun = earlier.some(({ status }) => status === 'complete')
    const why = refuseRevert(uuid, kept, keyspace.shards)
    if (why !== null) throw isBegun ? leftOpen(why) : refused(why)
    const own = kept.find((row) => row.uuid === uuid)
    const isOnline = own !== undefined && isByCopy(own)
    // Where a shard has completed it, it fails there, and would cancel the others.
    const waits = isOnline && keyspace.shards.length > 1 && !isBegun
    const ignored = new Set(isBegun ? [] : earlier.map((row) => row.uuid))
    const turns = this.turnsOf(sought)
    const given = { sought, submitted: null, ignored, isOnline, creates: own?.action === 'drop', turns }
    await giving.send(() => this.#send(given, uuid, waits))
    return given
  }

  async #send({ sought, ignored }: GivenRevert, uuid: string, waits: boolean): Promise<void> {
    try {
      // Once: a second one makes the first fail where that still waits.
      await sendRevert(await this.#parts.looker.open(), uuid, waits)
    } catch (error) {
      const rows = await this.#readRows(sought)
      if (rows.some((row) => !ignored.has(row.uuid))) return
      throw mayComeLater(error) ? leftOpen(`${reasonOf(error)}; no shard has it, and one may still get it`) : error
    }
  }

  /** What a shard has begun goes on: it did not fail. */
  async #refuseNow(sought: Sought, why: string): Promise<Error> {
    const rows = await this.#readRows(sought)
    return rows.some((row) => isPending(row) || row.status === 'complete') ? leftOpen(why) : refused(why)
  }

  /**
   * Why what Vitess calls complete may not count as done; null where it does. A Reshard that began meanwhile has copied the table as it was; a REVERT may have done nothing, as
   * Vitess no longer had what it needs.
   */
  async findUndone(sought: Sought, changing: string | null): Promise<string | null> {
    if (changing !== null) return `Vitess calls it complete, and ${changing}. Look at it once the Reshard has ended`
    if (sought.type !== 'revert') return null
    const { uuid } = sought
    const { name } = this.#parts.keyspace
    for (const row of await this.#read()) {
      const hadWork = row.uuid === uuid && row.status === 'complete' && (row.artifacts.length > 0 || row.isCleaned)
      if (!hadWork || row.isView || row.action === 'alter') continue
      const { table, shard } = row
      const [found = null] = await this.#look((one) =>
        readOnShards(one, name, [shard], { type: 'table', schema: null, name: table }),
      )
      if ((found === null) === (row.action === 'create')) continue
      const state = found === null ? 'is not back' : 'is still there'
      return `Vitess calls it complete on shard ${shard}, where \`${table}\` ${state}: it had removed what this needs`
    }
    return null
  }

  #read(): Promise<readonly KeptMigration[]> {
    const { name, shards } = this.#parts.keyspace
    return this.#look((one) => readKept(one, name, shards, null))
  }

  #readRows(sought: Sought): Promise<readonly ShardMigration[]> {
    const { keyspace, follower, giving } = this.#parts
    return giving.persist(() => follower.ask((one) => readMigrations(one, keyspace.name, sought)))
  }

  #look<T>(question: (connection: Asker) => Promise<T>): Promise<T> {
    const { looker, giving } = this.#parts
    return giving.persist(() => looker.ask(question))
  }
}

/** The migration that a row of the journal takes back: its text names it, and the row has the hash of that. Null where Vitess does not know it. */
export async function findReverted(
  connection: Asker,
  keyspace: string,
  { hash }: Pick<JournalRow, 'hash'>,
): Promise<Sought | null> {
  for (const cell of await readRows(connection, keyspace)) {
    const uuid = cell('migration_uuid')
    if (hashStatement(revertText(uuid)) === hash) return { type: 'revert', uuid }
  }
  return null
}

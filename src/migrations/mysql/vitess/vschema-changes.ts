import { setTimeout as pause } from 'node:timers/promises'
import type { Asker, Connection } from '../../../mysql/connection.ts'
import { isConnectionLost } from '../../../mysql/errors.ts'
import type { StatementOutcome } from '../../../mysql/facts.ts'
import { findSequences, readIsSharded, readVindexes, readVschemaTable } from '../../../mysql/vschema.ts'
import { classifyStatement } from '../../../sql/classify.ts'
import { quoteName } from '../../../sql/quote-name.ts'
import type { ObjectName } from '../../../sql/statement.ts'
import { sequenceOf, usersOfSequence, type Vschema } from '../../../sql/vschema.ts'
import { compareShown, lookShownIn, type Shown } from './compare-shown.ts'
import { leftOpen, reasonOf, refused } from './errors.ts'

/** Milliseconds in which a vtgate shows what it has changed in the topology. */
export const longestWait = 30_000
export const interval = 50

/** Whether a row is that of `ALTER VSCHEMA`: no shard has what it names. */
export const isOfVschema = (objects: readonly ObjectName[]): boolean =>
  objects.some(({ type }) => type === 'vschema' || type === 'vindex')

/** A vindex that no keyspace has: what Vitess answers to its removal tells whether the VSchema has the table. Nothing is changed. */
const noVindex = '`wwdb has no vindex of this name`'

/**
 * Whether the VSchema has a table, by the topology itself. vtgate shows tables that it found on the tablets alike.
 */
async function isInVschema(connection: Asker, table: string): Promise<boolean> {
  try {
    await connection.ask(`ALTER VSCHEMA ON ${table} DROP VINDEX ${noVindex}`)
  } catch (error) {
    if (isConnectionLost(error) || !(error instanceof Error)) throw error
    if (/not defined in vschema/.test(error.message)) return false
    if (/not defined in table/.test(error.message)) return true
    throw error
  }
  throw new Error('Vitess has dropped a vindex that nothing has')
}

/** What the VSchema of a keyspace says of a table or a vindex, as text that is the same as long as that is; null where it does not have it. */
export async function readVschemaObject(
  connection: Asker,
  keyspace: string,
  { type, name }: ObjectName,
): Promise<string | null> {
  if (type === 'vindex') {
    const own = (await readVindexes(connection, keyspace)).find((one) => one.name === name)
    return own === undefined ? null : JSON.stringify(own)
  }
  if (!(await isInVschema(connection, `${quoteName(keyspace)}.${quoteName(name)}`))) return null
  const isSharded = (await readIsSharded(connection, keyspace)) === true
  return JSON.stringify(await readVschemaTable(connection, keyspace, name, isSharded))
}

/** What the VSchema of a keyspace says of some objects, as text that is the same as long as that is. */
async function readVschemaState(connection: Asker, keyspace: string, objects: readonly ObjectName[]): Promise<string> {
  const found: (string | null)[] = []
  for (const object of objects) found.push(await readVschemaObject(connection, keyspace, object))
  return JSON.stringify(found)
}

export interface VschemaParts {
  readonly connection: Pick<Connection, 'ask' | 'run'>
  readonly keyspace: string
  /** Those of all keyspaces. */
  readonly readVschemas: () => Promise<readonly Vschema[]>
  /** Is called before each statement. Throws ToolError `LOCK_LOST` where another run may be at it. */
  readonly sure: () => Promise<void>
}

/** How a VSchema is published that the topology has, and vtgates do not. */
export const publish = '`vtctldclient RebuildVSchemaGraph` publishes what the topology has'

/** Of several tables that still have a vindex, an answer names any. */
const withoutTable = (why: string): string => why.replace(/ on table \S+$/, '')

/** Vitess takes `ADD AUTO_INCREMENT` with any name, and then no longer knows the table where no sequence has it. */
async function refuseSequence(connection: Asker, text: string): Promise<void> {
  const sequence = sequenceOf(text)
  if (sequence === null) return
  const { keyspace, name } = sequence
  const found = await findSequences(connection, name)
  if (keyspace === null ? found.length === 1 : found.includes(keyspace)) return
  const own = keyspace === null ? `\`${name}\`` : `\`${keyspace}\`.\`${name}\``
  if (found.length > 1) throw refused(`the keyspaces ${found.join(' and ')} have a sequence ${own}: name one of them`)
  throw refused(
    `the sequence ${own} does not exist in the VSchema of a keyspace, and vtgate would no longer know the table`,
  )
}

/** Vitess does not look who uses a sequence. `DROP TABLE` removes one, too. */
async function refuseUsed({ readVschemas, keyspace }: VschemaParts, verb: string, name: string): Promise<void> {
  if (!/^ALTER VSCHEMA DROP (?:SEQUENCE|TABLE)$/.test(verb)) return
  const [user] = usersOfSequence(await readVschemas(), keyspace, name)
  if (user === undefined) return
  const table = `${quoteName(user.keyspace)}.${quoteName(user.table)}`
  throw refused(
    `${table} gets its numbers from ${user.isSure ? '' : 'a sequence of this name, which may be '}${quoteName(keyspace)}.${quoteName(name)}, and vtgate would take no new rows for it: \`ALTER VSCHEMA ON ${table} DROP AUTO_INCREMENT\` must run first`,
  )
}

/**
 * Runs `ALTER VSCHEMA`, while no other run changes a VSchema: vtgate publishes those of all keyspaces as it knows them, with the one that it changes. Each of its forms changes what it names, or is refused. It is done once this vtgate shows the change: a later statement may need it, and what is read
 * before the next one must not be older than this one.
 */
export const changeVschema = (
  parts: VschemaParts,
  text: string,
  objects: readonly ObjectName[],
): Promise<StatementOutcome> => new VschemaChange(parts, text, objects).run()

const routed =
  'Vitess has changed the VSchema. Routing rules lead statements on the table to another one, so this vtgate shows nothing of it, and it was not seen whether vtgates have the change'

/** One `ALTER VSCHEMA`, and what is seen of it. */
class VschemaChange {
  readonly #parts: VschemaParts
  readonly #text: string
  readonly #verb: string
  readonly #objects: readonly ObjectName[]

  constructor(parts: VschemaParts, text: string, objects: readonly ObjectName[]) {
    this.#parts = parts
    this.#text = text
    this.#verb = classifyStatement(text).verb
    this.#objects = objects
  }

  async run(): Promise<StatementOutcome> {
    await refuseSequence(this.#parts.connection, this.#text)
    await refuseUsed(this.#parts, this.#verb, this.#objects[0]?.name ?? '')
    const before = await this.#look()
    await this.#parts.sure()
    const first = await this.#send()
    const hasRun = first === null ? null : await this.#sendAgain(first, before)
    if (hasRun !== null) return { rows: 0, warnings: [hasRun], lastInsertId: null }
    for (const sent = performance.now(); performance.now() < sent + longestWait; await pause(interval)) {
      if ((await this.#lookAfter()) === before) continue
      const shown = await this.#lookShown(performance.now() - sent)
      if (shown === 'hidden') continue
      return { rows: 0, warnings: shown === 'routed' ? [routed] : [], lastInsertId: null }
    }
    throw leftOpen(
      `Vitess has changed the VSchema, and this vtgate has not shown it for ${longestWait / 1000} s: another client may have published the VSchemas at the same moment. ${publish}`,
    )
  }

  /**
   * Vitess writes the VSchema of the keyspace first, and then what vtgates read: an error does not tell what was written. Where nothing was, the same statement has the same answer again, or
   * succeeds: another client had changed the VSchema in between. Where the answer is that the VSchema is so already, an earlier run may have written it, and nobody has published it.
   * @returns a note where nothing was to be done any more; null where it has run now
   */
  async #sendAgain(first: Error, before: string): Promise<string | null> {
    const why = reasonOf(first)
    if ((await this.#lookAfter()) !== before) throw leftOpen(`the VSchema has changed, and Vitess says: ${why}`)
    await this.#parts.sure()
    const second = await this.#send()
    if (second === null) return null
    const again = reasonOf(second)
    if (withoutTable(again) !== withoutTable(why))
      throw leftOpen(`Vitess says: ${why}; given once more, it says: ${again}. ${publish}`)
    const seen = await this.#compare(why)
    if (seen === 'hidden') throw leftOpen(`Vitess says: ${why}; this vtgate does not show it. ${publish}`)
    if (seen === 'otherwise') throw second
    return `Vitess says: ${why}. This vtgate shows it so as well: nothing was to be done`
  }

  /** The error, where it is not that of the connection. */
  async #send(): Promise<Error | null> {
    try {
      await this.#parts.connection.run(this.#text)
      return null
    } catch (error) {
      if (isConnectionLost(error) || !(error instanceof Error)) throw error
      return error
    }
  }

  #look(): Promise<string> {
    const { connection, keyspace } = this.#parts
    return readVschemaState(connection, keyspace, this.#objects)
  }

  /** Once it was sent, it may have run, whatever is not seen of it. */
  async #lookAfter(): Promise<string> {
    try {
      return await this.#look()
    } catch (error) {
      throw leftOpen(`Vitess was given it, and what the VSchema says was not seen: ${reasonOf(error)}`)
    }
  }

  /** The topology has it at once, and this vtgate plans the next statement by what it has read of it. @param waited milliseconds */
  async #lookShown(waited: number): Promise<'shown' | 'hidden' | 'routed'> {
    const { connection, keyspace } = this.#parts
    const wanted = { verb: this.#verb, text: this.#text, objects: this.#objects }
    return lookShownIn(connection, keyspace, wanted, waited).catch((error: unknown) => {
      throw leftOpen(`Vitess was given it, and what this vtgate shows was not seen: ${reasonOf(error)}`)
    })
  }

  /** What this vtgate shows of what Vitess says to be there, or gone, already. */
  async #compare(why: string): Promise<Shown> {
    const { connection, keyspace } = this.#parts
    const wanted = { verb: this.#verb, text: this.#text, objects: this.#objects }
    return compareShown(connection, keyspace, wanted, why).catch((error: unknown) => {
      throw leftOpen(`Vitess says: ${why}; what this vtgate shows was not seen: ${reasonOf(error)}`)
    })
  }
}

import { setTimeout as pause } from 'node:timers/promises'
import type { Asker, Connection } from '../../../mysql/connection.ts'
import { isConnectionLost } from '../../../mysql/errors.ts'
import type { StatementOutcome } from '../../../mysql/facts.ts'
import { findSequences, readIsSharded, readVindexes, readVschemaTable } from '../../../mysql/vschema.ts'
import { quoteName } from '../../../sql/quote-name.ts'
import type { ObjectName } from '../../../sql/statement.ts'
import { sequenceOf } from '../../../sql/vschema.ts'
import { leftOpen, reasonOf, refused } from './errors.ts'

/** Milliseconds in which a vtgate shows what it has changed in the topology. */
const longestWait = 30_000
const interval = 50

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

interface VschemaParts {
  readonly connection: Pick<Connection, 'ask' | 'run'>
  readonly keyspace: string
  /**
   * Does its work while no other run that keeps its journal beside this one changes a VSchema: vtgate publishes the VSchemas of all keyspaces as it knows them, with the one that it changes.
   * @param work is given what must be called before each statement: it throws ToolError `LOCK_LOST` where another run may be at it
   */
  readonly alone: <T>(work: (sure: () => Promise<void>) => Promise<T>) => Promise<T>
}

/** How a VSchema is published that the topology has, and vtgates do not. */
const publish = '`vtctldclient RebuildVSchemaGraph` publishes what the topology has'

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

/**
 * Runs `ALTER VSCHEMA`. Each of its forms changes what it names, or is refused. It is done once this vtgate shows the change: a later statement may need it, and what is read
 * before the next one must not be older than this one.
 */
export const changeVschema = (
  parts: VschemaParts,
  text: string,
  objects: readonly ObjectName[],
): Promise<StatementOutcome> => parts.alone((sure) => new VschemaChange(parts, text, objects).run(sure))

/** One `ALTER VSCHEMA`, and what is seen of it. */
class VschemaChange {
  readonly #parts: Pick<VschemaParts, 'connection' | 'keyspace'>
  readonly #text: string
  readonly #objects: readonly ObjectName[]

  constructor(parts: Pick<VschemaParts, 'connection' | 'keyspace'>, text: string, objects: readonly ObjectName[]) {
    this.#parts = parts
    this.#text = text
    this.#objects = objects
  }

  async run(sure: () => Promise<void>): Promise<StatementOutcome> {
    await refuseSequence(this.#parts.connection, this.#text)
    const before = await this.#look()
    await sure()
    const first = await this.#send()
    if (first !== null) await this.#sendAgain(first, before, sure)
    for (const end = performance.now() + longestWait; performance.now() < end; await pause(interval))
      if ((await this.#lookAfter()) !== before) return { rows: 0, warnings: [], lastInsertId: null }
    throw leftOpen(
      `Vitess has changed the VSchema, and this vtgate has not shown it for ${longestWait / 1000} s: another client may have published the VSchemas at the same moment. ${publish}`,
    )
  }

  /**
   * Vitess writes the VSchema of the keyspace first, and then what vtgates read: an error does not tell what was written. Where nothing was, the same statement has the same answer again, or
   * succeeds: another client had changed the VSchema in between.
   */
  async #sendAgain(first: Error, before: string, sure: () => Promise<void>): Promise<void> {
    const why = reasonOf(first)
    if ((await this.#lookAfter()) !== before) throw leftOpen(`the VSchema has changed, and Vitess says: ${why}`)
    await sure()
    const second = await this.#send()
    if (second === null) return
    const again = reasonOf(second)
    if (withoutTable(again) !== withoutTable(why))
      throw leftOpen(`Vitess says: ${why}; given once more, it says: ${again}. ${publish}`)
    if (/\balready (?:exists|defined|contains)\b/.test(why) && (await this.#isHidden()))
      throw leftOpen(`Vitess says: ${why}; this vtgate does not show it. ${publish}`)
    throw second
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

  async #look(): Promise<string> {
    const found: (string | null)[] = []
    const { connection, keyspace } = this.#parts
    for (const object of this.#objects) found.push(await readVschemaObject(connection, keyspace, object))
    return JSON.stringify(found)
  }

  /** Once it was sent, it may have run, whatever is not seen of it. */
  async #lookAfter(): Promise<string> {
    try {
      return await this.#look()
    } catch (error) {
      throw leftOpen(`Vitess was given it, and what the VSchema says was not seen: ${reasonOf(error)}`)
    }
  }

  /** Whether this vtgate does not show the vindex that is there already by the topology. */
  async #isHidden(): Promise<boolean> {
    const { connection, keyspace } = this.#parts
    const vindex = this.#objects.find(({ type }) => type === 'vindex')
    if (vindex === undefined) return false
    const table = this.#objects.find(({ type }) => type === 'vschema')
    if (table === undefined) return (await readVschemaObject(connection, keyspace, vindex)) === null
    const { vindexes } = await readVschemaTable(connection, keyspace, table.name, true)
    return !vindexes.some(({ name }) => name === vindex.name)
  }
}

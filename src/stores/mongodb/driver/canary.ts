import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Db } from 'mongodb'
import type { Clients } from './clients.ts'
import { isLost } from './errors.ts'

/** Milliseconds for a majority to have the document, and then for each reader to show it. */
const patience = 10_000

/** A canary that a killed run left behind is dropped by the next one, after so many milliseconds. */
const stale = 3_600_000

/**
 * Writes a document that a majority must have, looks for it on each of the readers, and drops its collection.
 * @returns the readers that did not show it in time.
 */
export async function passCanary(
  clients: Clients,
  address: string,
  readers: readonly string[],
  name: string,
): Promise<readonly string[]> {
  const database = clients.database(address, name)
  await dropStale(database)
  const collection = `wwdb_canary_${Date.now()}_${randomBytes(4).toString('hex')}`
  try {
    const document = { at: new Date() }
    const writeConcern = { w: 'majority', wtimeoutMS: patience } as const
    const { insertedId } = await database.collection(collection).insertOne(document, { writeConcern })
    const seen = await Promise.all(
      readers.map(async (reader) => {
        const there = clients.database(reader, name).collection(collection)
        return (await appears(() => there.findOne({ _id: insertedId }))) ? null : reader
      }),
    )
    return seen.filter((reader) => reader !== null)
  } finally {
    await database.dropCollection(collection)
  }
}

async function appears(look: () => Promise<unknown>): Promise<boolean> {
  const end = Date.now() + patience
  for (;;) {
    try {
      if ((await look()) !== null) return true
    } catch (error) {
      if (isLost(error)) return false
      throw error
    }
    if (Date.now() > end) return false
    await pause(50)
  }
}

async function dropStale(database: Db): Promise<void> {
  for (const { name } of await database.listCollections({ name: /^wwdb_canary_/ }, { nameOnly: true }).toArray()) {
    const born = Number(/^wwdb_canary_(\d+)_/.exec(name)?.[1] ?? 0)
    if (born < Date.now() - stale) await database.dropCollection(name)
  }
}

import { isElsewhere } from '../mongodb/errors.ts'
import { openClient } from './driver-code.ts'
import { explainOwn } from './driver-errors.ts'
import { adoptedId, openOwn, passFence, readFence } from './driver-fence.ts'
import { inTransaction } from './driver-transaction.ts'
import type { CodeConnection, CodePlace } from './messages.ts'
import type { AdoptedMigration, StepEnd } from './ports.ts'

/** Records files as applied, in one transaction; migrate-mongo's own collections stay as they are. */
export async function adoptFiles(
  connection: CodeConnection,
  place: CodePlace,
  migrations: readonly AdoptedMigration[],
): Promise<StepEnd> {
  const client = openClient(connection)
  try {
    const own = await openOwn(client, place)
    await inTransaction(own, { file: '', most: null }, async (attempt) => {
      const { session, journal, history } = attempt
      await readFence(attempt)
      const at = new Date()
      const names = { names: { $each: migrations.map(({ fileName }) => fileName) } }
      await journal.updateOne({ _id: adoptedId }, { $addToSet: names }, { session, upsert: true })
      for (const { version, name, file } of migrations) {
        if ((await journal.findOne({ _id: version }, { session })) !== null) continue
        const line = { name, direction: 'up', at, by: place.by, documents: 0 }
        // What the file said when migrate-mongo applied it is not known.
        await journal.insertOne({ _id: version, ...line, file, checksum: null, state: 'applied' }, { session })
        await history.insertOne({ version, ...line, manner: 'adopted', milliseconds: 0 }, { session })
      }
      await passFence(attempt)
    })
    return 'done'
  } catch (error) {
    if (isElsewhere(error)) return 'elsewhere'
    throw explainOwn(error, connection, place)
  } finally {
    await client.close()
  }
}

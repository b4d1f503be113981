import { isElsewhere } from '../mongodb/errors.ts'
import { openClient } from './driver-code.ts'
import { adoptedId, inTransaction, openOwn, passFence, takeFence } from './driver-fence.ts'
import type { CodeConnection, CodePlace } from './messages.ts'
import type { CodeMigration, StepEnd } from './ports.ts'

/** Records files as applied, in one transaction; migrate-mongo's own collections stay as they are. */
export async function adoptFiles(
  connection: CodeConnection,
  place: CodePlace,
  migrations: readonly CodeMigration[],
): Promise<StepEnd> {
  const client = openClient(connection)
  try {
    const own = await openOwn(client, place)
    await takeFence(own)
    const { session, journal, history } = own
    await inTransaction(session, async () => {
      await passFence(own)
      const at = new Date()
      const versions = { versions: { $each: migrations.map(({ version }) => version) } }
      await journal.updateOne({ _id: adoptedId }, { $addToSet: versions }, { session, upsert: true })
      for (const { version, name, file } of migrations) {
        if ((await journal.findOne({ _id: version }, { session })) !== null) continue
        const line = { name, direction: 'up', at, by: place.by, documents: 0 }
        // What the file said when migrate-mongo applied it is not known.
        await journal.insertOne({ _id: version, ...line, file, checksum: null, state: 'applied' }, { session })
        await history.insertOne({ version, ...line, manner: 'adopted', milliseconds: 0 }, { session })
      }
    })
    return 'done'
  } catch (error) {
    if (isElsewhere(error)) return 'elsewhere'
    throw error
  } finally {
    await client.close()
  }
}

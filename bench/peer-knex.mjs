import knex from 'knex'
import { listUpFiles } from './peer-files.mjs'

/** Each file a migration without a transaction, as MySQL's DDL commits by itself. */
const [url = '', folder = ''] = process.argv.slice(2)
const files = await listUpFiles(folder)
const database = knex({ client: 'mysql2', connection: url })
await database.migrate.latest({
  disableTransactions: true,
  migrationSource: {
    getMigrations: async () => files,
    getMigrationName: (/** @type {{name: string}} */ { name }) => name,
    getMigration: async (/** @type {{read: () => Promise<string>}} */ { read }) => ({
      up: async (/** @type {import('knex').Knex} */ session) => session.raw(await read()),
      down: async () => undefined,
    }),
  },
})
await database.destroy()

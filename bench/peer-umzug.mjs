import { pathToFileURL } from 'node:url'
import { createConnection } from 'mysql2/promise'
import { listUpFiles } from './peer-files.mjs'

/** umzug has no storage for a driver alone: one row of a table a migration, as its own for Sequelize keeps it. */
const [url = '', folder = '', module = ''] = process.argv.slice(2)
const { Umzug } = await import(pathToFileURL(module).href)
const connection = await createConnection({ uri: url, rowsAsArray: true })
await connection.query('CREATE TABLE IF NOT EXISTS umzug_migrations (name VARCHAR(255) NOT NULL PRIMARY KEY)')
const umzug = new Umzug({
  migrations: (await listUpFiles(folder)).map(({ name, read }) => ({
    name,
    up: async () => connection.query(await read()),
  })),
  storage: {
    executed: async () => {
      const [rows] = await connection.query('SELECT name FROM umzug_migrations ORDER BY name')
      return /** @type {readonly (readonly [string])[]} */ (rows).map(([name]) => name)
    },
    logMigration: (/** @type {{name: string}} */ { name }) =>
      connection.query('INSERT INTO umzug_migrations VALUES (?)', [name]),
    unlogMigration: (/** @type {{name: string}} */ { name }) =>
      connection.query('DELETE FROM umzug_migrations WHERE name=?', [name]),
  },
  logger: undefined,
})
await umzug.up()
await connection.end()

import { createConnection } from 'mysql2/promise'

/** What the driver needs by itself where nothing is to be done: one login and one question. No files are read. */
const [url = ''] = process.argv.slice(2)
const connection = await createConnection({ uri: url })
await connection.query('SELECT 1')
await connection.end()

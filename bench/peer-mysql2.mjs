import { createConnection } from 'mysql2/promise'
import { listUpFiles } from './peer-files.mjs'

/** The SQL of a folder, and nothing else: no history, no lock. */
const [url = '', folder = ''] = process.argv.slice(2)
const connection = await createConnection({ uri: url })
for (const { read } of await listUpFiles(folder)) await connection.query(await read())
await connection.end()

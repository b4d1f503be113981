// Updates a table in chunks as one writes it by hand: `node raw-batch.mjs URL SIZE`. No checkpoint: killed, it would change rows twice.
import { createConnection } from 'mysql2/promise'

const [url = '', size = '2000'] = process.argv.slice(2)
const connection = await createConnection({ uri: url })
const [ends] = await connection.query('SELECT MIN(id) - 1 AS first, MAX(id) AS last FROM bench_batch')
let { first: done, last } = ends[0]
await connection.query('CREATE TABLE bench_loop (milliseconds INT)')
await connection.query('SET autocommit = 0')
const started = performance.now()
while (done < last) {
  const [bounds] = await connection.query(
    `SELECT id FROM bench_batch WHERE id > ${done} ORDER BY id LIMIT ${Number(size) - 1}, 1`,
  )
  const upTo = bounds[0]?.id ?? last
  await connection.query(`UPDATE bench_batch SET n = n + 1 WHERE n < 1000 AND id > ${done} AND id <= ${upTo}`)
  await connection.query('COMMIT')
  done = upTo
}
await connection.query(`INSERT INTO bench_loop VALUES (${Math.round(performance.now() - started)})`)
await connection.query('COMMIT')
await connection.end()

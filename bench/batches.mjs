import { fileURLToPath } from 'node:url'
import { inSeconds, measureIfMain, median, ratioFigure, runProgram, runWwdb } from './harness.mjs'
import { makeProject, resetSchemas } from './project.mjs'

const loop = fileURLToPath(new URL('raw-batch.mjs', import.meta.url))
const rows = Number(process.env['WWDB_BENCH_ROWS'] ?? 500_000)

const fill = `SET SESSION cte_max_recursion_depth = 100000000;
CREATE TABLE bench_batch (id INT PRIMARY KEY, n INT NOT NULL, note VARCHAR(40) NOT NULL) ENGINE=InnoDB;
INSERT INTO bench_batch SELECT i * 2, 0, REPEAT('x', 40) FROM (WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < ${rows}) SELECT i FROM s) x;
INSERT INTO bench_batch VALUES (0, 1000, '');
`

/**
 * An UPDATE of a table in chunks of 2,000 keys, each with its checkpoint, beside a loop with the same chunks and none: the goal is nine tenths of its speed. Both
 * count their chunks alone, without the start of their processes.
 * @type {import('./harness.mjs').Measure}
 */
export async function batches({ server, rounds }) {
  const up = '-- wwdb:batch rows=2000 time=60s\nUPDATE bench_batch SET n = n + 1 WHERE n < 1000;\n'
  const project = await makeProject(server, 'batches', { bench_batch: [{ name: 'count', up, down: up }] })
  const filled = await makeProject(server, 'batches-fill', { bench_batch: [{ name: 'fill', up: fill, down: '' }] })
  const prepare = async () => {
    await resetSchemas(server, ['bench_batch'])
    await runProgram(server.client, server.login, { input: filled.script })
  }
  /** @param {string} question */
  const ask = async (question) => Number(await server.query(question)) / 1000
  /** @type {{ wwdb: number[], loop: number[] }} */
  const times = { wwdb: [], loop: [] }
  for (let round = 0; round < Math.min(rounds, 3); round += 1) {
    await prepare()
    await runProgram(process.execPath, [loop, `${server.url}/bench_batch`, '2000'])
    times.loop.push(await ask('SELECT milliseconds FROM bench_batch.bench_loop'))
    await prepare()
    await runWwdb(['migrate', '--yes', '--no-probe', '--config', project.config])
    times.wwdb.push(await ask("SELECT milliseconds FROM bench_batch.wwdb_journal WHERE class = 'batch'"))
  }
  const figure = ratioFigure(`UPDATE of ${rows} rows in chunks of 2,000`, median(times.wwdb), median(times.loop), 1.11)
  return [{ ...figure, reference: `a loop by hand ${inSeconds(median(times.loop))}` }]
}

await measureIfMain(import.meta.url, batches)

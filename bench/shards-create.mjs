import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inSeconds, interleave, measureIfMain, runProgram, runWwdb } from './harness.mjs'
import { connections, makeShardsProject, renderShards } from './shards-project.mjs'

const instances = Number(process.env['WWDB_BENCH_INSTANCES'] ?? 1000)
const worker = fileURLToPath(new URL('raw-tables.mjs', import.meta.url))
/** At least so much of the raw rate. */
const limit = 0.9

/** `rotate run` that makes three shards for each of 1,000 instances, beside mysql2 alone over as many connections. @type {import('./harness.mjs').Measure} */
export async function shardsCreate({ server, rounds }) {
  const project = await makeShardsProject(server)
  const key = '424242'
  const request = join(server.directory, 'raw-tables.json')
  const texts = await renderShards(project.config, key)
  await writeFile(request, JSON.stringify({ uri: `${server.url}/contact_db`, connections, instances, texts, key }))
  const prepare = () => project.reset(instances)
  const seconds = await interleave(Math.min(rounds, 3), [
    { name: 'raw', prepare, run: () => runProgram(process.execPath, [worker, request]) },
    { name: 'wwdb', prepare, run: () => runWwdb(['rotate', 'run', '--config', project.config]) },
  ])
  const made = await server.query(
    `SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA='contact_db' AND TABLE_NAME NOT LIKE 'wwdb%'`,
  )
  if (Number(made) !== 3 * instances) throw new Error(`${made} shards were made, not ${3 * instances}`)
  const rate = seconds('raw') / seconds('wwdb')
  return [
    {
      name: `${instances.toLocaleString('en')} x 3 shards made`,
      wwdb: inSeconds(seconds('wwdb')),
      reference: `mysql2 ${inSeconds(seconds('raw'))}`,
      value: `${rate.toFixed(2)} of its rate`,
      limit: `${limit}`,
      passed: rate >= limit,
    },
  ]
}

await measureIfMain(import.meta.url, shardsCreate)

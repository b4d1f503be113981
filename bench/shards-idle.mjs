import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { askedQuestions } from './asked-questions.mjs'
import {
  differenceFigure,
  inSeconds,
  interleave,
  measureIfMain,
  runEmptyNode,
  runProgram,
  runWwdb,
} from './harness.mjs'
import { makeShardsProject } from './shards-project.mjs'

const instances = Math.ceil(Number(process.env['WWDB_BENCH_SHARDS'] ?? 10_000) / 3)
const worker = fileURLToPath(new URL('raw-query.mjs', import.meta.url))
/** Milliseconds beyond the start of Node. */
const idleLimit = 1500
/** Times what the one question takes that a check needs. */
const checkLimit = 1.3

/** The question about all tables' columns, indexes and keys. */
const allTables = `argument LIKE '%contact_db%' AND argument LIKE '%FROM information_schema.STATISTICS%UNION ALL%'`

/** Over 10,000 shards: `rotate run` with nothing to do, and `shards check`. @type {import('./harness.mjs').Measure} */
export async function shardsIdle({ server, rounds }) {
  const project = await makeShardsProject(server)
  await project.reset(instances)
  const rotate = ['rotate', 'run', '--config', project.config]
  // 1: a server with default settings is too small for this number of tables, and the check says so.
  const check = () => runWwdb(['shards', 'check', '--config', project.config], [0, 1])
  await runWwdb(rotate)
  const request = join(server.directory, 'raw-query.json')
  const [query] = await askedQuestions(server, check, allTables)
  await writeFile(request, JSON.stringify({ uri: `${server.url}/contact_db`, query }))
  const seconds = await interleave(rounds, [
    { name: 'node', run: runEmptyNode },
    { name: 'rotate', run: () => runWwdb(rotate) },
    { name: 'query', run: () => runProgram(process.execPath, [worker, request]) },
    { name: 'check', run: check },
  ])
  const shards = (3 * instances).toLocaleString('en')
  return [
    differenceFigure(`rotate, nothing to do, ${shards} shards`, seconds('rotate'), seconds('node'), idleLimit),
    checkFigure(`check of ${shards} shards`, seconds('check'), seconds('query')),
  ]
}

/** @param {string} name @param {number} wwdb @param {number} query @returns {import('./harness.mjs').Figure} */
function checkFigure(name, wwdb, query) {
  const ratio = wwdb / query
  return {
    name,
    wwdb: inSeconds(wwdb),
    reference: `its query in mysql2 ${inSeconds(query)}`,
    value: `${ratio.toFixed(2)} x`,
    limit: `${checkLimit} x`,
    passed: ratio <= checkLimit,
  }
}

await measureIfMain(import.meta.url, shardsIdle)

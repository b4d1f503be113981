import { measureIfMain, peakMemory } from './harness.mjs'
import { makeLargeProject, resetSchemas } from './project.mjs'

const create =
  'CREATE TABLE `large` (`id` BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, `text` TEXT NOT NULL);\n'
const limit = 200e6
/** Node, and a text of 100 MB twice: as it is read, and as it is sent. */
const oneStatementLimit = 300e6

/** A large file must not be held: 200 MB in statements of 1 MB, 10 MB in statements of 200 bytes, and 100 MB in one, which is held twice at most. @type {import('./harness.mjs').Measure} */
export async function memory({ server }) {
  return [
    await measureFile(server, 'bench_large', 'statements of 1 MB', statements(202, 1e6)),
    await measureFile(server, 'bench_small', 'statements of 200 bytes', statements(50_000, 200)),
    await measureFile(server, 'bench_one', 'one statement', statements(1, 100e6), oneStatementLimit),
  ]
}

/**
 * @param {import('./server.mjs').Server} server
 * @param {string} database
 * @param {string} what
 * @param {Iterable<string>} generated
 * @param {number} [most]
 * @returns {Promise<import('./harness.mjs').Figure>}
 */
async function measureFile(server, database, what, generated, most = limit) {
  await server.query(`SET GLOBAL max_allowed_packet=${256 * 1024 ** 2}`)
  const { config, bytes } = await makeLargeProject(server, database, create, generated)
  await resetSchemas(server, [database])
  const peak = await peakMemory(['migrate', '--config', config], server.directory)
  return {
    name: `peak memory, ${inMegabytes(bytes)} file, ${what}`,
    wwdb: inMegabytes(peak),
    reference: '',
    value: inMegabytes(peak),
    limit: inMegabytes(most),
    passed: peak < most,
  }
}

/**
 * INSERTs of about the given number of bytes each, in rows of at most 1,000, with all that a splitter must not stumble over.
 * @param {number} count
 * @param {number} bytes
 */
function* statements(count, bytes) {
  const text = "it''s; -- no comment /* nor this */ ".repeat(Math.min(28, Math.floor(bytes / 50)))
  const rows = Math.max(1, Math.floor(bytes / (text.length + 16)))
  for (let number = 0; number < count; number += 1) {
    const values = Array.from({ length: rows }, (_, row) => `('${text}${number}.${row}')`)
    yield `INSERT INTO \`large\` (\`text\`) VALUES ${values.join(', ')};\n`
  }
}

/** @param {number} bytes */
function inMegabytes(bytes) {
  return `${(bytes / 1e6).toFixed(0)} MB`
}

await measureIfMain(import.meta.url, memory)

// npm test: builds the tool, runs every kind of test on real servers, lists the slowest files and ends with a line `N passed, N failed`.
//
//   node scripts/test.mjs [--node PATH] [ARGUMENTS OF VITEST]
//
// --node (or WWDB_TEST_NODE) runs the tests, and the tool in them, on another Node. A failed test fails the run; so does a
// skipped one when everything was to run, unless WWDB_TEST_OPTIONAL allows servers to be absent.
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { argv, env, execPath, exit } from 'node:process'
import { fileURLToPath } from 'node:url'
import { build } from './build.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Takes our own option out of the arguments; the others are vitest's. */
function readArguments(words) {
  const index = words.indexOf('--node')
  if (index < 0) return { node: env.WWDB_TEST_NODE || execPath, rest: words }
  if (words[index + 1] === undefined) throw new Error('--node wants the path of a node')
  return { node: words[index + 1], rest: words.toSpliced(index, 2) }
}

/** Runs vitest with its output on the terminal and its numbers in a file; resolves to its exit code. */
function runVitest(node, tally, rest) {
  const program = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const reporters = ['--reporter=default', `--reporter=${join(root, 'scripts', 'tally-reporter.mjs')}`]
  const child = spawn(node, [program, 'run', ...reporters, ...rest], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    // Everything is going to run: what has to be fetched or built is so before the first test, which would have to wait for it.
    env: { ...env, WWDB_TALLY: tally, ...(rest.length === 0 ? { WWDB_TEST_FETCH: 'all' } : {}) },
  })
  // A terminal sends Ctrl-C to both: vitest ends its servers, and we wait for that.
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
  return new Promise((settle, reject) => {
    child.once('error', reject)
    child.once('close', (code) => settle(code ?? 1))
  })
}

async function readTally(file) {
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch {
    // Vitest ended before it could write one, for example because a server could not be had.
    return { passed: 0, failed: 1, skipped: [], failures: ['failed: vitest ended before its tests did'], slowest: [] }
  }
}

const { node, rest } = readArguments(argv.slice(2))
await build(node)
const folder = await mkdtemp(join(tmpdir(), 'wwdb-report-'))
const code = await runVitest(node, join(folder, 'tally.json'), rest)
const counted = await readTally(join(folder, 'tally.json'))
await rm(folder, { recursive: true, force: true })

// A run of some tests only does not expect the others; neither does one that allows servers to be absent.
const skipped = rest.length === 0 && !env.WWDB_TEST_OPTIONAL ? counted.skipped : []
if (counted.slowest.length > 1) {
  console.log('The slowest files:')
  for (const { file, milliseconds } of counted.slowest)
    console.log(`${(milliseconds / 1000).toFixed(1).padStart(7)} s  ${file}`)
}
for (const line of counted.failures) console.log(line)
for (const name of skipped) console.log(`failed: ${name}: it was skipped, and everything was to run`)
// Vitest also fails for errors outside any test: a leak, an unhandled rejection, no test at all.
const counts = counted.failed + skipped.length
if (counts === 0 && code !== 0) console.log(`failed: vitest ended with ${code}, though no test failed`)
const failed = counts || (code === 0 ? 0 : 1)
console.log(`${counted.passed} passed, ${failed} failed`)
exit(failed === 0 ? 0 : 1)

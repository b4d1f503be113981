// npm test: builds the tool, runs every kind of test on real servers, lists the slowest files and ends with a line `N passed, N failed`.
//
//   node scripts/test.mjs [--node PATH] [ARGUMENTS OF VITEST]
//
// A run of everything tries what holds on both versions of MySQL on one of them (test/helpers/servers/turns.ts); WWDB_TEST_TURN, an odd or an
// even number, says which, and is chosen by chance where it is not given. A run of some files tries all on both.
// --node (or WWDB_TEST_NODE) runs the tests, and the tool in them, on another Node. A failed test fails the run; so does a
// skipped one when everything was to run, unless WWDB_TEST_OPTIONAL allows servers to be absent. Where a shared server of MySQL crashed, it was
// started again: the files that failed run once more, and what they come to then counts. So do a few files that failed without a crash; what
// passes then is named as `unsteady`: it is a defect of the test or, worse, of the tool, which only strikes at times.
// An error outside any test counts for the file that ran then.
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { argv, env, execPath, exit } from 'node:process'
import { fileURLToPath } from 'node:url'
import { build } from './build.mjs'
import { endedEarly, hasStopped, listUnsettled, listUnsteady, replaceFiles, sumUp } from './tally.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Takes our own option out of the arguments; the others are vitest's. */
function readArguments(words) {
  const index = words.indexOf('--node')
  if (index < 0) return { node: env.WWDB_TEST_NODE || execPath, rest: words }
  if (words[index + 1] === undefined) throw new Error('--node wants the path of a node')
  return { node: words[index + 1], rest: words.toSpliced(index, 2) }
}

/** Runs vitest with its output on the terminal; resolves to its exit code, what it counted, and the crashes of shared servers. */
async function runVitest(node, words) {
  const folder = await mkdtemp(join(tmpdir(), 'wwdb-report-'))
  const [tally, crashes] = [join(folder, 'tally.json'), join(folder, 'crashes.txt')]
  const program = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const reporters = ['--reporter=default', `--reporter=${join(root, 'scripts', 'tally-reporter.mjs')}`]
  const child = spawn(node, [program, 'run', ...reporters, ...words], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    // Everything is going to run: what has to be fetched or built is so before the first test, which would have to wait for it.
    env: {
      ...env,
      WWDB_TALLY: tally,
      WWDB_TEST_CRASHES: crashes,
      ...(rest.length === 0 ? { WWDB_TEST_FETCH: 'all' } : {}),
      ...(turn === undefined ? {} : { WWDB_TEST_TURN: turn }),
    },
  })
  // A terminal sends Ctrl-C to both: vitest ends its servers, and we wait for that.
  const passOn = ['SIGINT', 'SIGTERM'].map((signal) => [signal, () => child.kill(signal)])
  for (const [signal, listener] of passOn) process.on(signal, listener)
  const code = await new Promise((settle, reject) => {
    child.once('error', reject)
    child.once('close', (ended) => settle(ended ?? 1))
  })
  for (const [signal, listener] of passOn) process.off(signal, listener)
  const counted = JSON.parse(await readFile(tally, 'utf8').catch(() => JSON.stringify(endedEarly)))
  const crashed = await readFile(crashes, 'utf8').catch(() => '')
  await rm(folder, { recursive: true, force: true })
  return { code, counted, crashed }
}

/** Files that may run once more without a crash: where more failed, it was not by chance. */
const mostUnsteady = 5

const { node, rest } = readArguments(argv.slice(2))
const isWhole = rest.length === 0 && !env.WWDB_SOAK
const turn = env.WWDB_TEST_TURN || (isWhole ? String(Math.floor(Math.random() * 2)) : undefined)
if (turn !== undefined)
  console.log(`Turn ${turn}: WWDB_TEST_TURN=${turn} tries each file on the same version of MySQL again.`)
await build()
const first = await runVitest(node, rest)
let { code, counted } = first
const unsettled = listUnsettled(counted)
let unsteady = []
// What stopped a run would stop it again, and take its time twice.
const mayRunAgain = !hasStopped(counted) && (first.crashed !== '' || unsettled.length <= mostUnsteady)
if (unsettled.length > 0 && mayRunAgain) {
  if (first.crashed !== '') console.log('A shared server crashed and was started again.')
  console.log(`What failed runs once more: ${unsettled.join(', ')}`)
  const again = await runVitest(node, unsettled)
  unsteady = listUnsteady(counted, again.counted)
  counted = replaceFiles(counted, again.counted, first.crashed !== '')
  code = again.code
}

if (counted.slowest.length > 1) {
  console.log('The slowest files:')
  for (const { file, milliseconds } of counted.slowest)
    console.log(`${(milliseconds / 1000).toFixed(1).padStart(7)} s  ${file}`)
}
// A run of some tests only does not expect the others; neither does one that allows servers to be absent.
const { passed, failed, lines } = sumUp(counted, rest.length === 0 && !env.WWDB_TEST_OPTIONAL)
for (const line of [...unsteady, ...lines]) console.log(line)
if (first.crashed !== '') console.log(first.crashed.trim().replace(/^/gm, 'crashed: '))
// Vitest also fails for errors outside any test: a leak, an unhandled rejection, no test at all.
if (failed === 0 && code !== 0) console.log(`failed: vitest ended with ${code}, though no test failed`)
const failures = failed || (code === 0 ? 0 : 1)
console.log(`${passed} passed, ${failures} failed`)
exit(failures === 0 ? 0 : 1)

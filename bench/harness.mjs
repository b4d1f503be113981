import { spawn } from 'node:child_process'
import { closeSync, existsSync, openSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { startServer } from './server.mjs'

export const launcher = process.env['WWDB_BENCH_LAUNCHER'] ?? fileURLToPath(new URL('../bin/wwdb.js', import.meta.url))
const recorder = new URL('./peak-memory.mjs', import.meta.url).href

/**
 * What takes part in a measurement: `prepare` is not timed, `run` is one whole process.
 * @typedef {object} Contestant
 * @property {string} name
 * @property {() => Promise<void>} [prepare]
 * @property {() => Promise<void>} run
 */

/**
 * One line of the report.
 * @typedef {object} Figure
 * @property {string} name
 * @property {string} wwdb what wwdb took
 * @property {string} reference what it is compared with
 * @property {string} value
 * @property {string} limit
 * @property {boolean} passed
 */

/**
 * @typedef {object} Bench
 * @property {import('./server.mjs').Server} server
 * @property {number} rounds
 */

/** @typedef {(bench: Bench) => Promise<readonly Figure[]>} Measure */

/**
 * Runs every contestant once in each round, in turn forward and backward so that none always follows the same other,
 * after one round that does not count. Returns the median seconds by name.
 * @param {number} rounds
 * @param {readonly Contestant[]} contestants
 * @returns {Promise<(name: string) => number>}
 */
export async function interleave(rounds, contestants) {
  /** @type {Map<string, number[]>} */
  const times = new Map(contestants.map((contestant) => [contestant.name, []]))
  for (let round = 0; round <= rounds; round += 1) {
    for (const { name, prepare, run } of round % 2 === 0 ? contestants : contestants.toReversed()) {
      await prepare?.()
      const start = process.hrtime.bigint()
      await run()
      const seconds = Number(process.hrtime.bigint() - start) / 1e9
      if (round > 0) times.get(name)?.push(seconds)
    }
  }
  return (name) => median(times.get(name) ?? [])
}

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = values.toSorted((left, right) => left - right)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/**
 * Runs a program to its end; throws, with what it said, when it fails.
 * @param {string} program
 * @param {readonly string[]} words
 * @param {{input?: string, cwd?: string, environment?: Record<string, string>, codes?: readonly number[]}} [options] `input`: a file for stdin; `codes`: what it may end with
 * @returns {Promise<void>}
 */
export function runProgram(program, words, options = {}) {
  const input = options.input === undefined ? 'ignore' : openSync(options.input, 'r')
  return new Promise((settle, fail) => {
    const child = spawn(program, words, {
      stdio: [input, 'ignore', 'pipe'],
      cwd: options.cwd,
      env: { ...environment(), ...options.environment },
    })
    let said = ''
    child.stderr?.setEncoding('utf8').on('data', (text) => {
      said = (said + text).slice(-4000)
    })
    child.once('error', fail)
    child.once('close', (code, signal) => {
      if ((options.codes ?? [0]).includes(code ?? -1)) settle()
      else fail(new Error(`${program} ${words.join(' ')} ended with ${signal ?? code}:\n${said}`))
    })
  }).finally(() => typeof input === 'number' && closeSync(input))
}

/** The environment less what would configure wwdb or Node, or color its output. */
export function environment() {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(?:WWDB_|NODE_|FORCE_COLOR$|NO_COLOR$)/.test(name)),
  )
}

/**
 * @param {readonly string[]} words
 * @param {readonly number[]} [codes] what it may end with
 */
export function runWwdb(words, codes = [0]) {
  return runProgram(process.execPath, [launcher, ...words], { codes })
}

/** The least that any program on Node takes. */
export function runEmptyNode() {
  return runProgram(process.execPath, ['-e', '0'])
}

/**
 * Runs wwdb and returns the most memory that it had resident, in bytes.
 * @param {readonly string[]} words
 * @param {string} directory for the number
 */
export function peakMemory(words, directory) {
  return peakMemoryOf([launcher, ...words], directory)
}

/**
 * The same of any script on Node.
 * @param {readonly string[]} words the script and its own words
 * @param {string} directory for the number
 * @param {readonly number[]} [codes] what it may end with
 */
export async function peakMemoryOf(words, directory, codes = [0]) {
  const file = join(directory, 'peak-memory')
  await runProgram(process.execPath, ['--import', recorder, ...words], {
    environment: { PEAK_MEMORY_FILE: file },
    codes,
  })
  return Number(await readFile(file, 'utf8')) * 1024
}

/**
 * The scripts that wwdb loads, as URLs or paths: V8 lists them when it is asked for coverage.
 * @param {readonly string[]} words
 * @param {string} directory
 * @returns {Promise<readonly string[]>}
 */
export async function loadedScripts(words, directory) {
  const folder = join(directory, 'loaded-scripts')
  await runProgram(process.execPath, [launcher, ...words], { environment: { NODE_V8_COVERAGE: folder } })
  const files = await readdir(folder)
  const records = await Promise.all(files.map(async (file) => JSON.parse(await readFile(join(folder, file), 'utf8'))))
  return records.flatMap((record) => record.result.map((/** @type {{url: string}} */ script) => script.url))
}

/**
 * @param {string} name
 * @param {number} wwdb seconds
 * @param {number} reference seconds
 * @param {number} limit the ratio that may not be passed
 * @returns {Figure}
 */
export function ratioFigure(name, wwdb, reference, limit) {
  const ratio = wwdb / reference
  return {
    name,
    wwdb: inSeconds(wwdb),
    reference: `mysql client ${inSeconds(reference)}`,
    value: `${ratio.toFixed(2)} x`,
    limit: `${limit} x`,
    passed: ratio <= limit,
  }
}

/**
 * @param {string} name
 * @param {number} wwdb seconds
 * @param {number} reference seconds
 * @param {number} limit milliseconds that wwdb may take longer
 * @returns {Figure}
 */
export function differenceFigure(name, wwdb, reference, limit) {
  const milliseconds = (wwdb - reference) * 1000
  return {
    name,
    wwdb: inSeconds(wwdb),
    reference: `node -e 0 ${inSeconds(reference)}`,
    value: `+${milliseconds.toFixed(0)} ms`,
    limit: `+${limit} ms`,
    passed: milliseconds <= limit,
  }
}

/** @param {number} seconds */
export function inSeconds(seconds) {
  return `${seconds.toFixed(3)} s`
}

/**
 * Starts a server, prints what it is, works on it, and ends it.
 * @param {(bench: Bench) => Promise<void>} work
 */
export async function withServer(work) {
  if (!existsSync(launcher)) throw new Error(`${launcher} is missing: run \`npm run build\` first.`)
  const rounds = Number(process.env['WWDB_BENCH_ROUNDS'] ?? 7)
  const server = await startServer()
  const stop = () => void server.stop().finally(() => process.exit(130))
  process.once('SIGINT', stop).once('SIGTERM', stop)
  try {
    const cores = `${cpus().length} cores`
    print(
      `MySQL ${server.version}, default durability; Node ${process.version}; ${cores}; median of ${rounds} rounds\n\n`,
    )
    await work({ server, rounds })
  } finally {
    await server.stop()
  }
}

/**
 * Starts a server, measures, prints a table; the exit code is 1 when a limit is passed.
 * @param {readonly Measure[]} measures
 */
export async function measureAll(measures) {
  await withServer(async (bench) => {
    /** @type {Figure[]} */
    const figures = []
    for (const measure of measures) {
      process.stderr.write(`measuring ${measure.name}\n`)
      figures.push(...(await measure(bench)))
    }
    printTable(figures)
    if (figures.some((figure) => !figure.passed)) process.exitCode = 1
  })
}

/**
 * Measures alone when the file is the program: `node bench/help.mjs`.
 * @param {string} url of the module
 * @param {Measure} measure
 */
export async function measureIfMain(url, measure) {
  const main = process.argv[1]
  if (main !== undefined && pathToFileURL(main).href === url) await measureAll([measure])
}

/** @param {readonly Figure[]} figures */
function printTable(figures) {
  const rows = [
    ['figure', 'wwdb', 'reference', 'value', 'limit', ''],
    ...figures.map((each) => [each.name, each.wwdb, each.reference, each.value, each.limit, verdict(each)]),
  ]
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)))
  for (const row of rows)
    print(
      `${row
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd()}\n`,
    )
}

/** @param {Figure} figure */
function verdict(figure) {
  return figure.passed ? 'pass' : 'FAIL'
}

/** @param {string} text */
export function print(text) {
  process.stdout.write(text)
}

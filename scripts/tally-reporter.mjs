// A reporter of vitest that writes, as JSON into the file that WWDB_TALLY names, what each file came to (tests that passed, names of those that were
// skipped, failures with their reason), what failed outside any test, and the files that took longest. Vitest's own JSON has neither what failed
// in a hook of a `describe` nor what failed outside any test. It also says each minute which files run, and ends the workers of a run that has
// stopped: vitest then ends by itself, with the files named, where the limit of a machine would only cut it.
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { relative } from 'node:path'
import { cwd, env, exit, kill, pid } from 'node:process'
import { stripVTControlCharacters } from 'node:util'
import { RunningFiles } from './running-files.ts'
import { stopped } from './tally.mjs'

/** Number of files that are listed as the slowest of a run. */
const listed = 20

export default class TallyReporter {
  // Not the time of day: a machine that slept has not stopped.
  #files = new RunningFiles(performance.now())
  #stops = []

  onTestRunStart() {
    setInterval(() => this.#look(performance.now()), 60_000).unref()
  }

  onTestModuleStart(module) {
    this.#files.begin(module.project.name, nameFile(module), performance.now())
  }

  onTestCaseResult() {
    this.#files.goOn(performance.now())
  }

  onTestModuleEnd(module) {
    this.#files.end(module.project.name, nameFile(module), performance.now())
  }

  /** Workers are ended first; where that helps nothing for as long again, the run itself. */
  async #look(now) {
    if (!this.#files.hasStopped(now) || env.WWDB_SOAK) return console.log(this.#files.describe(now))
    const why = this.#files.describeStop(now)
    console.log(`The run has stopped: ${why}.`)
    this.#stops.push({ where: stopped, why })
    if (this.#stops.length > 1) {
      await writeFile(env.WWDB_TALLY, JSON.stringify({ files: [], outside: this.#stops, slowest: [] }))
      exit(1)
    }
    this.#files.goOn(now)
    for (const worker of await findWorkers()) end(worker)
  }

  async onTestRunEnd(modules, unhandled) {
    const failures = unhandled.map(describeUnhandled)
    const outside = [...this.#stops, ...failures]
    const tally = { files: modules.map(countFile), outside, slowest: listSlowest(modules) }
    await writeFile(env.WWDB_TALLY, JSON.stringify(tally))
  }
}

function end(worker) {
  try {
    kill(worker, 'SIGKILL')
  } catch {
    // It has ended meanwhile.
  }
}

/** The processes of vitest in which tests run, where the machine says so (Linux). */
async function findWorkers() {
  const numbers = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))
  const found = await Promise.all(numbers.map(async (number) => ((await isWorker(number)) ? [Number(number)] : [])))
  return found.flat()
}

async function isWorker(number) {
  const read = (file) => readFile(`/proc/${number}/${file}`, 'utf8').catch(() => '')
  const status = await read('stat')
  const parent = Number(status.slice(status.lastIndexOf(')') + 2).split(' ')[1])
  return parent === pid && (await read('cmdline')).includes('vitest')
}

function nameFile(module) {
  return relative(cwd(), module.moduleId)
}

/** Vitest names the file that its worker ran when the error arrived. */
function describeUnhandled(error) {
  const path = error.VITEST_TEST_PATH
  if (typeof path !== 'string') return { where: 'outside any test', why: words(error) }
  const file = relative(cwd(), path)
  return { where: `outside any test, while ${file} ran`, why: words(error), file }
}

/** Tests behind a hook that failed count as skipped: the hook is one failure. So do those that a worker did not come to before it ended, which are pending. */
function countFile(module) {
  const tests = [...module.children.allTests()]
  const passed = tests.filter((test) => test.result().state === 'passed').length
  const skipped = tests.filter((test) => !['passed', 'failed'].includes(test.result().state)).map(nameTest)
  const pending = tests.filter((test) => test.result().state === 'pending').map(nameTest)
  return { file: nameFile(module), passed, skipped, pending, failures: listFailures(module) }
}

function nameTest(test) {
  return `${nameFile(test.module)} > ${test.fullName}`
}

/** The files that took longest, in milliseconds: imports, hooks and tests. */
function listSlowest(modules) {
  const files = modules.map((module) => {
    const { collectDuration, setupDuration, duration } = module.diagnostic()
    const file = `${module.project.name}: ${nameFile(module)}`
    return { file, milliseconds: Math.round(collectDuration + setupDuration + duration) }
  })
  return files.sort((one, other) => other.milliseconds - one.milliseconds).slice(0, listed)
}

/** Each test that failed, and each file and suite with an error of its own. */
function listFailures(module) {
  const file = nameFile(module)
  const own = module.errors()
  const suites = [...module.children.allSuites()].filter((suite) => suite.errors().length > 0)
  const tests = [...module.children.allTests('failed')]
  return [
    ...(own.length > 0 ? [{ where: file, why: reasonsOf(own) }] : []),
    ...suites.map((suite) => ({ where: `${file} > ${suite.fullName}, in a hook`, why: reasonsOf(suite.errors()) })),
    ...tests.map((test) => ({ where: nameTest(test), why: reasonsOf(test.result().errors ?? []) })),
  ]
}

function reasonsOf(errors) {
  return errors.map((error) => words(error)).join('; ')
}

/** The message with the lines that differ, which it leaves out where they are long, and the message of its cause: a server that did not start gives the reason there. */
function words({ message = '', cause, diff = '' }) {
  const lines = stripVTControlCharacters(diff).split('\n')
  const differing = lines.filter((line) => /^[-+] {2}/.test(line)).map((line) => line.replace(/\s+/g, ' '))
  const text = [message.replace(/\s+/g, ' ').slice(0, 400), ...differing].join(' ').slice(0, 600)
  return cause instanceof Object ? `${text} (${words(cause)})` : text
}

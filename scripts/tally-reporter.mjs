// A reporter of vitest that writes, as JSON into the file that WWDB_TALLY names, how many tests passed and failed, which were skipped, a line for
// each failure, and the files that took longest. Vitest's own JSON has neither what failed in a hook of a `describe` nor what failed outside any test.
import { writeFile } from 'node:fs/promises'
import { relative } from 'node:path'
import { cwd, env } from 'node:process'

/** Number of files that are listed as the slowest of a run. */
const listed = 20

export default class TallyReporter {
  async onTestRunEnd(modules, unhandled) {
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const count = (state) => tests.filter((test) => test.result().state === state).length
    const failures = [...modules.flatMap(listFailures), ...unhandled.map((error) => line('outside any test', [error]))]
    // Tests behind a hook that failed count as skipped: the hook is one failure.
    const failed = failures.length
    const skipped = tests.filter((test) => !['passed', 'failed'].includes(test.result().state)).map(nameTest)
    const tally = { passed: count('passed'), failed, skipped, failures, slowest: listSlowest(modules) }
    await writeFile(env.WWDB_TALLY, JSON.stringify(tally))
  }
}

function nameTest(test) {
  return `${relative(cwd(), test.module.moduleId)} > ${test.fullName}`
}

/** The files that took longest, in milliseconds: imports, hooks and tests. */
function listSlowest(modules) {
  const files = modules.map((module) => {
    const { collectDuration, setupDuration, duration } = module.diagnostic()
    const file = `${module.project.name}: ${relative(cwd(), module.moduleId)}`
    return { file, milliseconds: Math.round(collectDuration + setupDuration + duration) }
  })
  return files.sort((one, other) => other.milliseconds - one.milliseconds).slice(0, listed)
}

/** A line for each test that failed, and for each file and suite with an error of its own. */
function listFailures(module) {
  const file = relative(cwd(), module.moduleId)
  const own = module.errors()
  const suites = [...module.children.allSuites()].filter((suite) => suite.errors().length > 0)
  const tests = [...module.children.allTests('failed')]
  return [
    ...(own.length > 0 ? [line(file, own)] : []),
    ...suites.map((suite) => line(`${file} > ${suite.fullName}, in a hook`, suite.errors())),
    ...tests.map((test) => line(nameTest(test), test.result().errors ?? [])),
  ]
}

function line(where, errors) {
  return `failed: ${where}: ${errors.map((error) => words(error)).join('; ')}`
}

/** The message, and that of its cause: a server that did not start gives the reason there. */
function words({ message = '', cause }) {
  const text = message.replace(/\s+/g, ' ').slice(0, 400)
  return cause instanceof Object ? `${text} (${words(cause)})` : text
}

// A reporter of vitest that writes, as JSON into the file that WWDB_TALLY names, how many tests passed, failed and were skipped,
// and a line for each failure. Vitest's own JSON says nothing of what failed in a hook of a `describe`, nor outside any test.
import { writeFile } from 'node:fs/promises'
import { relative } from 'node:path'
import { cwd, env } from 'node:process'

export default class TallyReporter {
  async onTestRunEnd(modules, unhandled) {
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const count = (state) => tests.filter((test) => test.result().state === state).length
    const failures = [...modules.flatMap(listFailures), ...unhandled.map((error) => line('outside any test', [error]))]
    // Tests behind a hook that failed count as skipped: the hook is one failure.
    const failed = failures.length
    const skipped = tests.length - count('passed') - count('failed')
    await writeFile(env.WWDB_TALLY, JSON.stringify({ passed: count('passed'), failed, skipped, failures }))
  }
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
    ...tests.map((test) => line(`${file} > ${test.fullName}`, test.result().errors ?? [])),
  ]
}

function line(where, errors) {
  return `failed: ${where}: ${errors.map((error) => words(error)).join('; ')}`
}

/** What it says, and what its cause does: a server that did not start tells why there. */
function words({ message = '', cause }) {
  const said = message.replace(/\s+/g, ' ').slice(0, 400)
  return cause instanceof Object ? `${said} (${words(cause)})` : said
}

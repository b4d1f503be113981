// A reporter of vitest that writes, as JSON into the file that WWDB_TALLY names, what each file came to (tests that passed, names of those that were
// skipped, failures with their reason), what failed outside any test, and the files that took longest. Vitest's own JSON has neither what failed
// in a hook of a `describe` nor what failed outside any test.
import { writeFile } from 'node:fs/promises'
import { relative } from 'node:path'
import { cwd, env } from 'node:process'
import { stripVTControlCharacters } from 'node:util'

/** Number of files that are listed as the slowest of a run. */
const listed = 20

export default class TallyReporter {
  async onTestRunEnd(modules, unhandled) {
    const outside = unhandled.map((error) => ({ where: 'outside any test', why: words(error) }))
    const tally = { files: modules.map(countFile), outside, slowest: listSlowest(modules) }
    await writeFile(env.WWDB_TALLY, JSON.stringify(tally))
  }
}

/** Tests behind a hook that failed count as skipped: the hook is one failure. */
function countFile(module) {
  const tests = [...module.children.allTests()]
  const passed = tests.filter((test) => test.result().state === 'passed').length
  const skipped = tests.filter((test) => !['passed', 'failed'].includes(test.result().state)).map(nameTest)
  return { file: relative(cwd(), module.moduleId), passed, skipped, failures: listFailures(module) }
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

/** Each test that failed, and each file and suite with an error of its own. */
function listFailures(module) {
  const file = relative(cwd(), module.moduleId)
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

// What a run of tests came to, in numbers and in lines: what the reporter (scripts/tally-reporter.mjs) counted, and what is said of it.

/** A reason that more failures than this share is said once: a log that is cut keeps its end, and the end must hold every reason. */
const alike = 3

/** A run that ended before its tests did, for example because a server could not be had, has counted nothing. */
export const endedEarly = {
  files: [],
  outside: [{ where: 'vitest ended before its tests did', why: '' }],
  slowest: [],
}

/** Where the reporter says that no test ended for too long. */
export const stopped = 'the run has stopped'

export function hasStopped(tally) {
  return tally.outside.some(({ where }) => where === stopped)
}

/**
 * The files in which something failed, outside any test as well, or did not run because its worker ended. What `-t` or the test itself left out was not to run: it would be
 * left out again, or run unasked.
 */
export function listUnsettled(tally) {
  const failed = tally.files.filter(({ failures, pending }) => failures.length + pending.length > 0)
  const outside = tally.outside.flatMap(({ file }) => file ?? [])
  return [...new Set([...failed.map(({ file }) => file), ...outside])]
}

/** Lines for the tests that failed and then passed. */
export function listUnsteady(tally, again) {
  const failed = new Set(listFailures(again).map(({ where }) => where))
  const first = [...tally.files.flatMap(({ failures }) => failures), ...tally.outside.filter(({ file }) => file)]
  const passed = first.filter(({ where }) => !failed.has(where))
  return passed.map(({ where, why }) => `unsteady: ${where}${why === '' ? '' : `: ${why}`}`)
}

/**
 * A run in which some files ran once more: what those came to then is what counts.
 * @param hasCrashed an error outside any test, of a connection that broke, belongs to the crash of a server; without one it stays, unless its file ran once more
 */
export function replaceFiles(tally, again, hasCrashed) {
  const names = new Set(again.files.map(({ file }) => file))
  const kept = tally.files.filter(({ file }) => !names.has(file))
  const outside = hasCrashed ? [] : tally.outside.filter(({ file }) => !names.has(file))
  return { files: [...kept, ...again.files], outside: [...outside, ...again.outside], slowest: tally.slowest }
}

const listFailures = ({ files, outside }) => [...files.flatMap(({ failures }) => failures), ...outside]

/**
 * @param everything true where nothing may be skipped
 * @returns the numbers, and the lines that say what failed: first what did not run, by file, then the failures, those of one reason together
 */
export function sumUp(tally, everything) {
  const failures = listFailures(tally)
  const idle = everything ? tally.files.filter(({ skipped }) => skipped.length > 0) : []
  const skipped = idle.reduce((sum, file) => sum + file.skipped.length, 0)
  const passed = tally.files.reduce((sum, file) => sum + file.passed, 0)
  return {
    passed,
    failed: failures.length + skipped,
    lines: [...idle.map(describeIdle), ...describeFailures(failures)],
  }
}

function describeIdle({ file, skipped: [first, ...others] }) {
  const more = others.length === 0 ? '' : ` and ${others.length} more of ${file}`
  return `failed: ${first}${more}: skipped, and everything was to run`
}

function describeFailures(failures) {
  const byReason = new Map()
  for (const { where, why } of failures) byReason.set(why, [...(byReason.get(why) ?? []), where])
  return [...byReason].flatMap(([why, places]) => {
    const reason = why === '' ? '' : `: ${why}`
    const more = places.length - alike
    const rest = more > 0 ? [`failed: ${more} more for the same reason${reason}`] : []
    return [...places.slice(0, alike).map((where) => `failed: ${where}${reason}`), ...rest]
  })
}

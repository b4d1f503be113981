import { eventViews } from '../../../src/cli/event-views.ts'
import { loadView } from '../../../src/cli/views.generated.ts'
import { toPlanDocument } from '../../../src/migrations/plan-document.ts'
import { createReporter } from '../../../src/terminal/create-reporter.ts'
import { decideTerminal } from '../../../src/terminal/terminal.ts'
import { scriptedEnd, scriptedResult, scriptedRun } from './scripted-run.ts'

/**
 * Plays a run on the terminal it is started in, as the command line would: for looking at it, and for the test that starts it
 * in a pseudo terminal. With `--wait` it stays where everything waits until it is interrupted.
 */
async function play(): Promise<void> {
  const { stdout, stderr, env, argv } = process
  const decision = decideTerminal({
    out: { isTTY: stdout.isTTY === true, columns: stdout.columns },
    err: { isTTY: stderr.isTTY === true, columns: stderr.columns },
    env,
    flags: {},
  })
  const reporter = await createReporter({
    ...decision,
    format: 'human',
    runId: '20260101T101500-3f9a2c1b',
    version: '0.0.0',
    out: stdout,
    err: stderr,
    size: () => (stderr.isTTY === true ? { columns: stderr.columns, rows: stderr.rows } : null),
    quiet: false,
    verbose: false,
    debug: false,
    redact: (text) => text,
    place: (file) => file,
    views: async () => eventViews,
    planDocuments: async () => toPlanDocument,
    clock: () => performance.now(),
    wallClock: () => Date.now(),
  })
  let interrupted = false
  process.once('SIGINT', () => {
    interrupted = true
    reporter.event({ type: 'stopping', how: 'after-statement' })
  })
  const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))
  for (const { after, event } of scriptedRun) {
    await pause(after)
    reporter.event(event)
  }
  while (argv.includes('--wait') && !interrupted) await pause(20)
  for (const { after, event } of scriptedEnd) {
    await pause(after)
    reporter.event(event)
  }
  await reporter.result(scriptedResult, 0, await loadView(scriptedResult))
  if (interrupted) process.exitCode = 130
}

await play()

import { appendFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { env } from 'node:process'
import { setTimeout } from 'node:timers/promises'
import { runsServer } from '../../../src/sandbox/local-server.ts'
import { mysqlServer } from '../../../src/sandbox/mysql-server.ts'
import type { OwnServer } from './own-server.ts'

/** How often a shared server is looked at, in milliseconds. */
const interval = 500

/**
 * Starts a shared server again, on its data and port, where it ended before the run did: an old release of MySQL has defects of its own that
 * crash it, rarely, and every later test of the run would fail.
 * @param ending aborted before servers are ended with the run
 * @param report receives what the log says of the crash
 */
export function keepRunning(
  server: OwnServer,
  directory: string,
  ending: AbortSignal,
  report: (crash: string) => Promise<void> = writeCrash,
): void {
  void watch(server, directory, ending, report).catch((error: unknown) => {
    console.error(`MySQL ${server.version} ended and could not be started again: ${String(error)}`)
  })
}

async function watch(
  server: OwnServer,
  directory: string,
  ending: AbortSignal,
  report: (crash: string) => Promise<void>,
): Promise<void> {
  while (!ending.aborted) {
    if (!(await runsServer(mysqlServer, server.pid, directory))) {
      // Ended with the run, a moment before it was said.
      await setTimeout(interval)
      if (ending.aborted) return
      await report(`MySQL ${server.version} ended while tests ran: ${await explainEnd(directory)}`)
      await server.restart()
    }
    await setTimeout(interval, undefined, { ref: false })
  }
}

/** The part of the log that a crash writes, with its stack; else its last lines: a process that was killed writes nothing. */
async function explainEnd(directory: string): Promise<string> {
  const log = await readFile(join(directory, 'mysqld.log'), 'utf8').catch(() => '')
  const at = Math.max(log.lastIndexOf('mysqld got signal'), log.lastIndexOf('Assertion failure'))
  if (at < 0) return `nothing of a crash is in its log, which ends:\n${log.slice(-1000)}`
  return log.slice(at).split('\n').filter(tells).slice(0, 30).join('\n')
}

/** The reason, the stack and the statement; the other forty lines are the same for every crash. */
function tells(line: string): boolean {
  return /got signal|Assertion|mysqld\(|^Query \(|^Connection ID/.test(line)
}

/** For scripts/test.mjs, which runs the files that failed once more where WWDB_TEST_CRASHES has anything. */
async function writeCrash(text: string): Promise<void> {
  console.error(text)
  const file = env['WWDB_TEST_CRASHES']
  if (file) await appendFile(file, `${text}\n`)
}

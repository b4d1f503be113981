import { EventEmitter } from 'node:events'
import { hostname } from 'node:os'
import { execPath, kill, pid } from 'node:process'
import { Readable, Writable } from 'node:stream'
import type { ProcessEnvironment } from '../../../src/cli/process-environment.ts'
import { runTool } from '../../../src/cli/tool.ts'
import { cleanEnvironment, launcher, sendsAlone, type ToolOptions, type ToolRun } from './tool.ts'

/**
 * Runs the tool in this process, from its sources: what a run does is the same, and it costs a third of a process of its own. Streams are
 * no terminals, and no signal arrives but the one of `endAt`. What code of users prints is not in the answer: its process writes to the test's own stderr.
 */
export async function runToolHere(args: readonly string[], options: ToolOptions = {}): Promise<ToolRun> {
  const output = { stdout: '', stderr: '' }
  const signals = new EventEmitter()
  let ended = false
  const collect = (name: keyof typeof output): Writable =>
    new Writable({
      decodeStrings: false,
      write(text: string, _, done) {
        output[name] += text
        done()
        if (ended || options.endAt?.test(output[name]) !== true) return
        ended = true
        signals.emit('SIGTERM', 'SIGTERM')
      },
    })
  const exitCode = await runTool(hostHere(args, options, { out: collect('stdout'), err: collect('stderr'), signals }))
  return { exitCode, signal: null, ...output }
}

/** This process, as the tool is to see it. */
export function hostHere(
  args: readonly string[],
  options: ToolOptions,
  streams: Pick<ProcessEnvironment, 'out' | 'err' | 'signals'>,
): ProcessEnvironment {
  return {
    ...streams,
    argv: args,
    program: [execPath, launcher],
    environment: cleanEnvironment(options.environment),
    cwd: options.cwd ?? '/',
    input: Readable.from(options.input ?? ''),
    exit: (code) => {
      throw new Error(`only a third signal ends a run with ${code}`)
    },
    clock: () => performance.now(),
    now: () => options.now ?? Date.now(),
    hostname: hostname(),
    user: 'test',
    processId: pid,
    sendsAlone: options.sendsAlone ?? sendsAlone,
    isRunning: (processId) => {
      try {
        return kill(processId, 0)
      } catch {
        return false
      }
    },
    onDefect: () => {},
  }
}

import type { Writable } from 'node:stream'
import { redactText } from '../config/redact.ts'
import { type ExitCode, exitCodes } from '../core/exit-code.ts'
import { ToolError } from '../core/tool-error.ts'
import { toolVersion } from '../core/tool-version.ts'
import { pointText } from '../migrations/many/point-at.ts'
import { createReporter } from '../terminal/create-reporter.ts'
import type { Reporter, Writer } from '../terminal/reporter.ts'
import { decideTerminal } from '../terminal/terminal.ts'
import type { SecretRegistry } from './context.ts'
import type { GlobalOptions } from './globals.ts'
import type { ProcessEnvironment } from './process-environment.ts'

/** Creates the reporter for the requested format, on the process's streams. */
export async function openReporter(
  host: ProcessEnvironment,
  globals: GlobalOptions,
  secretRegistry: SecretRegistry,
  runId: string,
  place: (file: string) => string = (file) => file,
): Promise<Reporter> {
  const { out, err } = host
  const decision = decideTerminal({
    out: { isTTY: out.isTTY === true, columns: out.columns },
    err: { isTTY: err.isTTY === true, columns: err.columns },
    env: host.environment,
    flags: { color: globals.color, json: globals.format === 'json', quiet: globals.quiet },
  })
  const progress = err.isTTY === true ? { write: (text: string) => err.write(text), flush: () => {} } : paceWrites(err)
  const reporter = await createReporter({
    ...decision,
    format: globals.format,
    version: toolVersion,
    runId,
    // What was written before the answer stands before it, where both go to one file.
    out: {
      write: (text) => {
        progress.flush()
        return out.write(text)
      },
      taken: () => waitForReader(out),
    },
    err: progress,
    size: () => (err.isTTY === true ? { columns: err.columns ?? 0, rows: err.rows ?? 0 } : null),
    quiet: globals.quiet,
    verbose: globals.verbose,
    debug: globals.debug,
    redact: (text) => {
      const masked = redactText(text, secretRegistry.secrets)
      return secretRegistry.picked === undefined ? masked : pointText(secretRegistry.picked, masked)
    },
    place,
    views,
    planDocuments,
    clock: host.clock,
    wallClock: host.now,
  })
  return flushing(reporter, progress)
}

const views = async () => (await import('./event-views.ts')).eventViews
const planDocuments = async () => (await import('../migrations/plan-document.ts')).toPlanDocument

/** All buffered lines are written before an error is reported and before the reporter is closed. */
function flushing(reporter: Reporter, progress: PacedWriter): Reporter {
  const thenFlush = <Values extends readonly unknown[]>(act: (...values: Values) => void) => {
    return (...values: Values): void => {
      act(...values)
      progress.flush()
    }
  }
  return {
    event: (event) => reporter.event(event),
    result: async (result, exitCode, view) => {
      await reporter.result(result, exitCode, view)
      progress.flush()
    },
    error: thenFlush((error) => reporter.error(error)),
    pause: thenFlush(() => reporter.pause()),
    resume: () => reporter.resume(),
    close: thenFlush(() => reporter.close()),
  }
}

/** Whether the reader took everything that was written; false where it went away. A stream of the process recovers after each failed write. */
function waitForReader(out: Writable): Promise<boolean> {
  if (out.destroyed || out.writableEnded) return Promise.resolve(false)
  if (!out.writableNeedDrain) return Promise.resolve(true)
  return new Promise((resolve) => {
    const settle = (isTaken: boolean): void => {
      out.off('drain', onDrain).off('error', onEnd).off('close', onEnd)
      resolve(isTaken)
    }
    const onDrain = (): void => settle(true)
    const onEnd = (): void => settle(false)
    out.on('drain', onDrain).on('error', onEnd).on('close', onEnd)
  })
}

/** A fault has its exit code; anything else that is thrown is a defect of wwdb, and a failure. */
export function exitCodeOfError(error: unknown): ExitCode {
  return error instanceof ToolError ? error.exitCode : exitCodes.failed
}

/** A writer that buffers texts for a moment; `flush` passes them on at once. */
interface PacedWriter extends Writer {
  readonly flush: () => void
}

/** Milliseconds: no person is watching. */
const moment = 50

/**
 * A run of a thousand short migrations writes a thousand lines; off a terminal, one system call for the lines of each
 * moment is enough. Buffered text is written before any other: see `flush`.
 */
export function paceWrites(writer: Writer): PacedWriter {
  let gathered = ''
  let timer: NodeJS.Timeout | null = null
  const flush = (): void => {
    if (timer !== null) clearTimeout(timer)
    timer = null
    const text = gathered
    gathered = ''
    if (text !== '') writer.write(text)
  }
  return {
    write: (text) => {
      gathered += text
      if (timer === null) timer = setTimeout(flush, moment).unref()
    },
    flush,
  }
}

import { rename, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { ToolError } from '../../core/tool-error.ts'
import type { ScheduleState } from './run-schedule.ts'

/** Milliseconds between two marks of life; a file that is older by several is of a process that hangs or is gone. */
const heartbeat = 15_000

/** A file that says how a long-running process is, renewed every 15 seconds, and always whole. */
export interface HealthFile {
  /** Throws ToolError `HEALTH_FILE` where it cannot be written. */
  readonly write: (state: ScheduleState) => Promise<void>
  /** Ends the marks of life. */
  readonly close: () => void
}

/** No file: for processes that nobody asks. */
export const noHealthFile: HealthFile = { write: async () => {}, close: () => {} }

/** @param now milliseconds since the epoch. `failed` hears of a mark of life that could not be written. */
export function openHealthFile(path: string, now: () => number, failed: (error: unknown) => void): HealthFile {
  const file = resolve(path)
  let latest: ScheduleState | null = null
  // One after the other: a mark of life must not overtake the news.
  let writing: Promise<void> = Promise.resolve()
  const write = (state: ScheduleState): Promise<void> => {
    latest = state
    const written = writing.then(() => replaceFile(file, toDocument(state, now())))
    writing = written.catch(() => {})
    return written
  }
  const timer = setInterval(() => {
    if (latest !== null) write(latest).catch(failed)
  }, heartbeat)
  timer.unref()
  return { write, close: () => clearInterval(timer) }
}

/** The file's content; see docs/guides/calendar-and-schedules.md. */
function toDocument(state: ScheduleState, at: number): string {
  const { phase, due, last, lastSuccessAt, runs, failures } = state
  const document = {
    version: 1,
    state: phase,
    at: toText(at),
    due: toText(due),
    runs,
    failures,
    lastSuccessAt: toText(lastSuccessAt),
    lastRun:
      last === null
        ? null
        : {
            startedAt: toText(last.startedAt),
            endedAt: toText(last.endedAt),
            exitCode: last.exitCode,
            fault: last.fault,
          },
  }
  return `${JSON.stringify(document, null, 2)}\n`
}

function toText(instant: number | null): string | null {
  return instant === null ? null : new Date(instant).toISOString()
}

/** Whoever reads meanwhile finds the old file or the new one. */
async function replaceFile(file: string, content: string): Promise<void> {
  const fresh = `${file}.new`
  try {
    await writeFile(fresh, content)
    await rename(fresh, file)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    const fault = {
      what: `Cannot write the health file ${file}.`,
      why,
      next: 'Give a file in a folder that exists and may be written to.',
    }
    throw new ToolError('HEALTH_FILE', fault, { cause })
  }
}

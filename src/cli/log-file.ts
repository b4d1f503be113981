import { closeSync, openSync, writeSync } from 'node:fs'
import { parse, resolve } from 'node:path'
import type { RunEvent } from '../command/event.ts'
import { inOneSentence, ToolError } from '../core/tool-error.ts'
import { type LogLine, logError, logEvent, logResult } from '../terminal/json/log-lines.ts'
import { mapTexts, type Redact } from '../terminal/redaction.ts'
import type { Reporter } from '../terminal/reporter.ts'
import { printableJson } from '../terminal/text/printable.ts'

/** What a log needs. */
interface LogRequest {
  readonly runId: string
  readonly redact: Redact
  readonly debug: boolean
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/**
 * A log of what the command does, one JSON document per line, in one file per day (UTC): `wwdb.log` is `wwdb-2026-11-26.log`. Each line is one write at the end of
 * the file, so that several processes may share it. Until the file is known, which the configuration may name, lines are kept.
 */
export class LogFile {
  readonly #request: LogRequest
  #path: string | null = null
  #kept: string[] = []
  #file: { readonly name: string; readonly descriptor: number } | null = null
  /** True where nothing is logged: no file is named, or it cannot be written. */
  #isOff = false
  #warn: (message: string) => void = () => undefined

  constructor(request: LogRequest) {
    this.#request = request
  }

  /**
   * Sets the file on the first call, and writes the lines kept so far; null where there is no file. Throws ToolError `LOG_FILE` where it cannot
   * be written.
   */
  attach(path: string | null): void {
    if (this.#path !== null) return
    if (path === null) {
      this.#isOff = true
      this.#kept = []
      return
    }
    this.#path = path
    const kept = this.#kept
    this.#kept = []
    try {
      for (const line of kept) this.#append(line)
    } catch (cause) {
      this.#isOff = true
      throw cannotWrite(path, cause)
    }
  }

  /** The same reporter; what it reports is logged first. A failing log is a warning: the command has begun by then. */
  wrap(reporter: Reporter): Reporter {
    this.#warn = (message) => reporter.event({ type: 'warning', message, target: null })
    return {
      event: (event) => {
        this.event(event)
        reporter.event(event)
      },
      result: (result, exitCode, view) => {
        this.#log(logResult(result, exitCode))
        return reporter.result(result, exitCode, view)
      },
      error: (error) => {
        this.#log(logError(error, this.#request.debug))
        reporter.error(error)
      },
      pause: () => reporter.pause(),
      resume: () => reporter.resume(),
      close: () => {
        reporter.close()
        this.#close()
      },
    }
  }

  /** Logs what no reporter is told. */
  event(event: RunEvent): void {
    if (!this.#isOff) this.#log(logEvent(event))
  }

  write(line: LogLine): void {
    if (this.#isOff) return
    const { runId, redact, now } = this.#request
    const head = { time: new Date(now()).toISOString(), run: runId }
    const text = `${printableJson(JSON.stringify({ ...head, ...mapTexts(line, redact) }))}\n`
    if (this.#path === null) this.#kept.push(text)
    else this.#append(text)
  }

  #log(line: LogLine): void {
    try {
      this.write(line)
    } catch (cause) {
      this.#isOff = true
      for (const fault of cannotWrite(this.#path ?? '', cause).faults) this.#warn(inOneSentence(fault))
    }
  }

  #append(text: string): void {
    const name = nameOf(this.#path ?? '', this.#request.now())
    if (this.#file?.name !== name) {
      this.#close()
      this.#file = { name, descriptor: openSync(name, 'a', mode) }
    }
    writeSync(this.#file.descriptor, text)
  }

  #close(): void {
    if (this.#file !== null) closeSync(this.#file.descriptor)
    this.#file = null
  }
}

/** For the owner and the group, who may ship it elsewhere; the umask removes more. */
const mode = 0o640

function nameOf(path: string, now: number): string {
  const { dir, name, ext } = parse(path)
  return resolve(dir, `${name}-${new Date(now).toISOString().slice(0, 10)}${ext}`)
}

function cannotWrite(path: string, cause: unknown): ToolError {
  return new ToolError(
    'LOG_FILE',
    {
      what: `Cannot write the log file \`${path}\`.`,
      where: { file: path },
      why: cause instanceof Error ? `${cause.message}.` : String(cause),
      next: 'Give a file in a writable folder with `--log-file`, `WWDB_LOG_FILE` or `logFile`.',
    },
    { cause },
  )
}

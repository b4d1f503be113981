import { EventEmitter } from 'node:events'
import { Writable } from 'node:stream'
import { runTool } from '../cli/tool.ts'
import type { ErrorDocument, ResultDocument, RunAnswer, RunLine } from './answers.generated.ts'
import { describeHost } from './host.ts'
import { wordsOf } from './words.ts'
import { WwdbError } from './wwdb-error.ts'

/** Which project a program works on, and with which of its settings. */
export interface Project {
  /** The project's folder, or a folder inside it. Default: the working directory. */
  readonly cwd?: string | undefined
  /** The configuration file, relative to `cwd`. Default: searched upward from there. */
  readonly config?: string | undefined
  /** The environment of the configuration. Default: WWDB_ENV, else none. */
  readonly environment?: string | undefined
  /** Logical databases. Default: all. */
  readonly targets?: readonly string[] | undefined
  /** One server for all databases: `mysql://user:password@host:port`. */
  readonly url?: string | undefined
  /** For the name of every schema. */
  readonly prefix?: string | undefined
  /** How many databases run at once. */
  readonly concurrency?: number | undefined
  /** How long to wait for the lock of another run: `30s`, `5m`, `0`. */
  readonly lockTimeout?: string | undefined
  /** How long one statement may take: `10m`, `none`. */
  readonly statementTimeout?: string | undefined
  /** Answers the questions that a terminal would be asked with yes; severe ones want `confirm` as well. */
  readonly yes?: boolean | undefined
  /** The name that a severe question asks for. */
  readonly confirm?: string | undefined
  /** Allows severe commands in a protected environment. */
  readonly allowProtected?: boolean | undefined
}

/** How a program follows a run, beside what the run is asked to do. */
export interface Following {
  /** Aborted once, it asks the run to stop behind the statement under way, as Ctrl-C does. The run is then rejected with `STOPPED`. */
  readonly signal?: AbortSignal | undefined
  /** The environment variables. Default: those of the process. */
  readonly variables?: Readonly<Record<string, string | undefined>> | undefined
}

/**
 * A run under way. Awaited, it is its answer, with what was found in it, such as databases that were not reached; it is rejected with WwdbError where there
 * is no answer, and where a run did not do all that it was asked. Iterated, it gives what happens as it happens, in the lines that
 * `--json` prints, and then throws where the run failed. Lines that nobody has taken yet are kept.
 */
export interface Run<Answer> extends Promise<Answer>, AsyncIterable<RunLine> {}

/** Runs a command in this process, by the engine of the command line. Throws TypeError for options that the command has not. */
export function run<Answer extends ResultDocument>(
  command: string,
  { signal, variables, ...options }: Project & Following & Readonly<Record<string, unknown>>,
): Run<Answer> {
  const words = wordsOf(command, options)
  const lines = new LineQueue()
  const answer = carryOut<Answer>(words, { cwd: options.cwd, signal, variables }, lines)
  return Object.assign(answer, {
    [Symbol.asyncIterator]: async function* (): AsyncGenerator<RunLine, void> {
      // Whoever iterates learns of the failure here, and need not await the run as well.
      answer.catch(() => undefined)
      yield* lines
      await answer
    },
  })
}

async function carryOut<Answer extends ResultDocument>(
  words: readonly string[],
  { cwd, signal, variables }: Following & Pick<Project, 'cwd'>,
  lines: LineQueue,
): Promise<Answer> {
  const signals = new EventEmitter()
  const stop = (): void => void signals.emit('SIGTERM', 'SIGTERM')
  try {
    if (signal?.aborted === true) throw stoppedBefore()
    signal?.addEventListener('abort', stop)
    await runTool(describeHost({ cwd, variables, words, out: lines.writer(), signals }))
  } finally {
    signal?.removeEventListener('abort', stop)
    lines.close()
  }
  return settle(lines.last())
}

/** What the last line says. Throws WwdbError for an error, and for a run that did not do all that it was asked. */
function settle<Answer extends ResultDocument>(last: RunLine | null): Answer {
  if (last?.type === 'error') throw new WwdbError({ ...last, answer: null })
  if (last?.type !== 'result') throw new Error('wwdb ended without an answer')
  if ((last.kind === 'run' || last.kind === 'targets-run') && last.exitCode !== 0)
    throw new WwdbError({ ...failureOf(last), answer: last })
  // The kind of the answer belongs to the command, which the caller of `run` names with its type.
  return last as Answer
}

/** The databases that failed. Where none did, the run was stopped. */
function failureOf({
  exitCode,
  outcomes,
}: Pick<RunAnswer, 'exitCode' | 'outcomes'>): Pick<ErrorDocument, 'code' | 'exitCode' | 'faults'> {
  const faults = outcomes.flatMap(({ fault }) => (fault === null ? [] : [fault]))
  const code = outcomes.find((outcome) => outcome.code !== null)?.code ?? 'STOPPED'
  if (faults.length > 0) return { exitCode, code, faults }
  return {
    exitCode,
    code,
    faults: [{ what: 'The run was stopped.', next: 'Run it again: it continues where it stopped.' }],
  }
}

function stoppedBefore(): WwdbError {
  const fault = { what: 'The run was stopped before it began.', next: 'Start it with a signal that is not aborted.' }
  return new WwdbError({ code: 'STOPPED', exitCode: 143, faults: [fault], answer: null })
}

/** Takes the text of a stream and gives its lines, each as what it says. */
class LineQueue implements AsyncIterable<RunLine> {
  #waiting: RunLine[] = []
  #last: RunLine | null = null
  #rest = ''
  #closed = false
  #wake = (): void => undefined

  writer(): Writable {
    return new Writable({
      decodeStrings: false,
      write: (text: string, _encoding, done) => {
        this.#take(text)
        done()
      },
    })
  }

  /** The last whole line; null where there was none. */
  last(): RunLine | null {
    return this.#last
  }

  close(): void {
    this.#closed = true
    this.#wake()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<RunLine, void> {
    for (;;) {
      yield* this.#waiting.splice(0)
      if (this.#closed) return
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split('\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) {
      // wwdb wrote the line itself, by the types that the published schemas are made from.
      this.#last = JSON.parse(line) as RunLine
      this.#waiting.push(this.#last)
    }
    this.#wake()
  }
}

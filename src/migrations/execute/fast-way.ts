import type { JournalBuffer } from './journal-buffer.ts'
import { quickKindOf, StatementPipeline } from './pipeline.ts'
import type { Shortcut } from './plain-way.ts'
import type { StepReports } from './reports.ts'
import type { SessionTrack } from './session-track.ts'
import type { StatementToOpen } from './step-rows.ts'
import type { ExecutionRequest, WorkQueue } from './work.ts'

/** The dependencies of the fast way. */
interface Parts {
  readonly request: ExecutionRequest
  readonly queue: WorkQueue
  readonly buffer: JournalBuffer
  readonly reports: StepReports
  /** Rows opened in one write, at most. */
  readonly widestWindow: number
}

/**
 * Speeds up the plain way: the rows of consecutive statements are opened in one write, and short ones (INSERTs of values, and CREATE TABLEs) run in
 * one packet. It declines every other statement, and one that did not succeed in its packet: run alone it succeeds, or its error is reported.
 */
export class FastWay implements Shortcut {
  readonly #buffer: JournalBuffer
  readonly #reports: StepReports
  readonly #pipeline: StatementPipeline

  constructor({ request, queue, buffer, reports, widestWindow }: Parts) {
    this.#buffer = buffer
    this.#reports = reports
    this.#pipeline = new StatementPipeline(request, widestWindow, queue, buffer)
  }

  get isFullyReported(): boolean {
    return this.#pipeline.isFullyReported
  }

  take = async (member: StatementToOpen, track: SessionTrack): Promise<boolean> => {
    const { run, ready } = member
    const { source } = ready
    const began = performance.now()
    await this.#pipeline.ensureOpen(member, track)
    const isQuick = quickKindOf(ready) !== null && track.readsAsScanned
    const done = isQuick ? await this.#pipeline.takeOutcome(member, track) : null
    if (done === null) return false
    this.#buffer.markTried(run.pass, source.index)
    this.#reports.ranInPacket({ run, index: source.index, summary: ready.summary }, done, performance.now() - began)
    await track.observe(source, ready.text)
    const { rows, milliseconds } = done
    if (ready.class === 'definition')
      await this.#buffer.close({ pass: run.pass, statement: source.index, milliseconds, rows, memory: null })
    return true
  }

  /** Waits until no packet is with the server. */
  settle(): Promise<void> {
    return this.#pipeline.settle()
  }
}

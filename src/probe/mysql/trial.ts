import type { SchemaSnapshot } from '../../ddl/snapshot.ts'
import { isLogged } from '../../mysql/binary-log.ts'
import type { Connection } from '../../mysql/connection.ts'
import { hasNumber, isConnectionLost, isServerError, type ServerError, toSentence } from '../../mysql/errors.ts'
import { sentenceWithGrant } from '../../mysql/missing-grant.ts'
import { readSnapshot } from '../../mysql/read-snapshot.ts'
import type { ProbeStep, SampleStatement, TrialStep } from '../algorithm-question.ts'
import type { ProbeRefusal, SampleOutcome, TrialReport } from '../probe-result.ts'
import type { RowsToMake } from '../rows/made-row.ts'
import { fillCopies } from './fill-copies.ts'
import { readResult } from './read-result.ts'
import { readSampleEffects } from './sample-effects.ts'
import type { ScratchArea } from './scratch-area.ts'
import { TrialCopies } from './trial-copies.ts'
import { listTexts, trySample } from './try-sample.ts'

type Attempted = Extract<TrialStep, { readonly type: 'try' }>

/** What a trial needs of a connection: `run` refuses a text with several statements. */
export type TrialConnection = Pick<Connection, 'ask' | 'run' | 'askInTurn'>

/**
 * Missing privileges, including those for triggers and functions with a binary log; time limits, lock waits and lack of disk space;
 * a server that became read-only: the account or the moment is the cause, not the statement.
 */
const outerCauses = [
  1044, 1045, 1142, 1143, 1211, 1227, 1370, 1410, 1418, 1419, 1021, 1026, 1114, 1205, 1213, 1290, 1317, 1792, 3019,
  3024, 3675,
]

/** Milliseconds that a SELECT among the samples may take: there are no rows, or few. */
const longestSample = 5000

const logged =
  'the account cannot keep them out of the binary log; `GRANT SESSION_VARIABLES_ADMIN ON *.*` (before MySQL 8.0.14 SYSTEM_VARIABLES_ADMIN) lets it'

/** True where the account or the moment is the reason for a refusal. */
export function isOuterCause(error: unknown): error is ServerError {
  return hasNumber(error, ...outerCauses)
}

/**
 * Runs definitions in the scratch schema of a probe, after copying what they name. A statement that is not tried makes the names that it would
 * have changed unknown: a statement that needs one of them is not tried either.
 */
export class Trial {
  readonly #connection: TrialConnection
  readonly #area: ScratchArea
  readonly #copies: TrialCopies
  readonly #tried = new Set<number>()
  readonly #untried = new Map<number, string>()
  readonly #snapshots = new Map<string, SchemaSnapshot>()
  readonly #samples = new Map<string, ReadonlyMap<string, SampleOutcome>>()
  /** Why everything is unknown from now on; null as long as something is known. */
  #lost: string | null = null
  #emptyTables: ReadonlyMap<string, string> | null = null
  /** NOW() is the same before and after. */
  readonly #now = Math.floor(Date.now() / 1000)

  private constructor(connection: TrialConnection, area: ScratchArea, copies: TrialCopies) {
    this.#connection = connection
    this.#area = area
    this.#copies = copies
  }

  /** Null where there is nothing to try. */
  static async open(
    connection: TrialConnection,
    area: ScratchArea,
    schema: string,
    steps: readonly ProbeStep[],
  ): Promise<Trial | null> {
    const named = steps.flatMap((step) => ('names' in step && step.names !== undefined ? [step.names] : []))
    if (named.length === 0) return null
    const names = [...new Set(named.flat())]
    return new Trial(connection, area, await TrialCopies.read(connection, area, schema, names))
  }

  get report(): TrialReport {
    const found = { tried: this.#tried, untried: this.#untried, snapshots: this.#snapshots }
    const samples = this.#samples.size === 0 ? found : { ...found, samples: this.#samples }
    return this.#emptyTables === null ? samples : { ...samples, emptyTables: this.#emptyTables }
  }

  /**
   * Copies what a statement with a question names. Returns false where the copies are unreliable: then the question is
   * skipped.
   */
  async admit(position: number, names: readonly string[]): Promise<boolean> {
    const why = this.#lost ?? (await this.#copies.admit(names))
    if (why !== null) this.#untried.set(position, why)
    return why === null
  }

  /** Records the result of a question about a statement. */
  settle(position: number, names: readonly string[], refusal: ProbeRefusal | undefined): void {
    if (this.#untried.has(position)) return
    if (refusal === undefined) this.#tried.add(position)
    else this.#copies.spoil(names, 'a statement that changes it was refused')
  }

  /** Records that a question could not be asked, and marks what the statement would have changed as unknown. */
  leaveOut(position: number, names: readonly string[], error: ServerError): void {
    this.#leaveOut({ position, objects: names }, `the server did not let it run there: ${sentenceWithGrant(error)}`)
  }

  async take(step: TrialStep): Promise<ProbeRefusal | null> {
    switch (step.type) {
      case 'mark':
        await this.#copies.admit(step.names)
        if (step.rows !== undefined) await this.#fill(step.rows)
        this.#snapshots.set(step.name, await this.#read())
        if (step.samples !== undefined) this.#samples.set(step.name, await this.#trySamples(step.samples))
        return null
      case 'untried':
        this.#leaveOut(step, step.why)
        return null
      case 'try':
        return this.#try(step)
    }
  }

  #leaveOut(
    { position, objects }: { readonly position: number; readonly objects: readonly string[] | null },
    why: string,
  ) {
    this.#untried.set(position, why)
    if (objects === null) this.#lost ??= `a statement before it was not tried: ${why}`
    else this.#copies.spoil(objects, `a statement that changes it was not tried: ${why}`)
  }

  /** Nothing is written where the binary log would keep it, with the values of samples, and where a trigger may do what is not taken back. */
  async #fill(rows: RowsToMake): Promise<void> {
    const explainUntried = await readSampleEffects(this.#connection, this.#area.main)
    const why = (await isLogged(this.#connection)) ? logged : explainUntried('INSERT INTO t VALUES ()')
    if (why !== null) {
      this.#lost ??= `no rows were made: ${why}`
      return
    }
    await this.#connection.ask(`SET SESSION timestamp=${this.#now}`)
    this.#emptyTables = await fillCopies(this.#connection, this.#area.main, rows)
    await this.#connection.ask('SET SESSION timestamp=DEFAULT')
  }

  async #trySamples(samples: readonly SampleStatement[]): Promise<ReadonlyMap<string, SampleOutcome>> {
    const outcomes = new Map<string, SampleOutcome>()
    const { rows } = await this.#connection.ask('SELECT @@SESSION.foreign_key_checks,@@SESSION.max_execution_time')
    const [checks, longest] = rows[0] ?? []
    // What they run is there before it is looked at.
    for (const { names } of samples) await this.#copies.admit(names)
    const explainUntried = await readSampleEffects(this.#connection, this.#area.main)
    const texts = [...new Set(samples.flatMap(({ text }) => listTexts(text)))]
    await this.#connection.ask(`SET SESSION max_execution_time=${longestSample}, timestamp=${this.#now}`)
    for (const sample of samples) {
      const { key, text, names, qualifiers } = sample
      const schema = this.#copies.findSchema(qualifiers)
      const why =
        schema === null
          ? (this.#lost ?? (await this.#copies.admit(names)) ?? explainUntried(text))
          : `it names the schema \`${schema}\``
      const ask = (): Promise<SampleOutcome> =>
        sample.result === undefined
          ? trySample(this.#connection, text, isOuterCause)
          : readResult(this.#connection, sample, texts, isOuterCause)
      const outcome = why === null ? await ask() : null
      outcomes.set(key, outcome ?? { type: 'untried', why: why ?? '' })
    }
    await this.#connection.ask(
      `SET SESSION foreign_key_checks=${Number(checks)}, max_execution_time=${Number(longest)}, timestamp=DEFAULT`,
    )
    return outcomes
  }

  async #try(step: Attempted): Promise<ProbeRefusal | null> {
    const schema = this.#copies.findSchema(step.qualifiers)
    const why = schema === null ? null : `it names the schema \`${schema}\``
    const reason = why ?? this.#lost ?? (await this.#copies.admit(step.names)) ?? (await this.#explainWrite(step))
    if (reason !== null) {
      this.#leaveOut(step, reason)
      return null
    }
    try {
      await this.#run(step)
    } catch (error) {
      if (!isServerError(error) || isConnectionLost(error)) throw error
      return this.#refuse(step, error)
    }
    this.#tried.add(step.position)
    for (const table of step.drops) this.#area.forget(table)
    for (const [from, to] of step.renames) this.#area.noteRename(from, to)
    return null
  }

  /** Why a statement that changes rows is not run; null where it may be. */
  async #explainWrite({ text, writesRows }: Attempted): Promise<string | null> {
    return writesRows === true ? (await readSampleEffects(this.#connection, this.#area.main))(text) : null
  }

  /** Parents in other schemas that have no copy are not read. */
  async #run({ text, parents, renames }: Attempted): Promise<void> {
    let isWhole = true
    for (const parent of parents) isWhole = (await this.#area.ensureCopy(parent)).type === 'copied' && isWhole
    for (const [, to] of renames) await this.#area.prepareFor(to)
    if (isWhole) {
      await this.#connection.run(text)
      return
    }
    const { rows } = await this.#connection.ask('SELECT @@SESSION.foreign_key_checks')
    await this.#connection.ask('SET SESSION foreign_key_checks=0')
    try {
      await this.#connection.run(text)
    } finally {
      await this.#connection.ask(`SET SESSION foreign_key_checks=${Number(rows[0]?.[0])}`)
    }
  }

  #refuse(step: Attempted, error: Error & { readonly errno: number }): ProbeRefusal | null {
    if (isOuterCause(error)) {
      this.#leaveOut(step, `the server did not let it run there: ${sentenceWithGrant(error)}`)
      return null
    }
    this.#copies.spoil(step.objects, 'a statement that changes it was refused')
    const { subject } = step
    return { subject, why: toSentence(error.message), number: error.errno, isReported: true, isTried: true }
  }

  async #read(): Promise<SchemaSnapshot> {
    const request = { database: this.#area.main, schema: this.#area.main, databases: new Map(), isLeftOut: () => false }
    return (await readSnapshot(this.#connection, request)).snapshot
  }
}

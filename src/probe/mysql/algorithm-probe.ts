import type { ServerAnswer, SourceTable } from '../../ddl/server-answer.ts'
import { leaveBinaryLog } from '../../mysql/binary-log.ts'
import type { Asker } from '../../mysql/connection.ts'
import { hasNumber, isConnectionLost, isServerError, serverErrors, toSentence } from '../../mysql/errors.ts'
import { isRebuilt, RowVersions, readTableIds } from '../../mysql/innodb-tables.ts'
import { sentenceWithGrant } from '../../mysql/missing-grant.ts'
import { quoteName, quoteString } from '../../sql/quote-name.ts'
import type { AlgorithmQuestions, Attempt, ProbeStep } from '../algorithm-question.ts'
import type { ProbeRefusal, ProbeResult } from '../probe-result.ts'
import { dropAbandoned, ScratchArea } from './scratch-area.ts'
import { isOuterCause, Trial, type TrialConnection } from './trial.ts'

type Ask = Extract<ProbeStep, { readonly type: 'ask' }>

/**
 * Asks the server how it would execute statements: runs them on empty copies of their tables in a scratch schema, with
 * ALGORITHM=INSTANT first, then INPLACE with stricter and stricter locks, then COPY. Only the definition of the original tables
 * is read. The probe needs its own connection: it changes the session, and restores the selected schema. Never throws: every
 * error becomes a note.
 */
export async function probeAlgorithms(
  connection: TrialConnection,
  questions: AlgorithmQuestions,
): Promise<ProbeResult> {
  if (questions.steps.length === 0) return { answers: new Map(), notes: [] }
  try {
    return await withQuietSession(connection, questions, () => withScratch(connection, questions))
  } catch (error) {
    return { answers: null, notes: [explainNotAsked(error, questions)] }
  }
}

function explainNotAsked(error: unknown, { steps }: AlgorithmQuestions): string {
  const why = error instanceof Error ? error.message : String(error)
  const isTrial = steps.some(({ type }) => type === 'try')
  const what = isTrial
    ? 'Definitions were not tried in a scratch schema, and the server was not asked how it would execute the statements'
    : 'The server was not asked how it would execute the statements'
  const rights = `CREATE, ALTER, INDEX, REFERENCES, INSERT, DROP${isTrial ? codeRights : ''}`
  const help = hasNumber(error, 1044, 1142, 1227, 1045)
    ? ` To allow it, GRANT ${rights} ON \`wwdb\\_scratch\\_%\`.* to the user.`
    : ''
  return `${what}: ${toSentence(why)}${help}`
}

/** What views, triggers and routines also need. */
const codeRights = ', SELECT, CREATE VIEW, SHOW VIEW, TRIGGER, CREATE ROUTINE, ALTER ROUTINE'

/**
 * Keeps the copies out of the binary log where the user has that privilege, and limits the wait for metadata locks of
 * originals.
 */
async function withQuietSession(
  connection: TrialConnection,
  questions: AlgorithmQuestions,
  body: () => Promise<ProbeResult>,
): Promise<ProbeResult> {
  const { rows } = await connection.ask('SELECT DATABASE(),@@SESSION.lock_wait_timeout,@@SESSION.foreign_key_checks')
  const [schema, wait, checks] = rows[0] ?? []
  const lock = quoteString(questions.scratchOf(questions.schema))
  await connection.ask('ROLLBACK') // sql_log_bin cannot change inside a transaction
  const quiet = await leaveBinaryLog(connection)
  try {
    await connection.ask('SET SESSION lock_wait_timeout=5')
    await connection.ask(`SELECT GET_LOCK(${lock},0)`)
    return await body()
  } finally {
    await askAnyway(connection, [
      'ROLLBACK',
      ...(quiet ? ['SET SESSION sql_log_bin=1'] : []),
      `SET SESSION lock_wait_timeout=${Number(wait)}, foreign_key_checks=${Number(checks)}`,
      `SELECT RELEASE_LOCK(${lock})`,
      ...(schema === null || schema === undefined ? [] : [`USE ${quoteName(String(schema))}`]),
    ])
  }
}

async function withScratch(connection: TrialConnection, questions: AlgorithmQuestions): Promise<ProbeResult> {
  const probe = new Probe(connection, new ScratchArea(connection, questions))
  const prepared = await probe.prepareAll(questions)
  const isAsked = (step: ProbeStep): boolean =>
    step.type === 'ask' || step.type === 'try' || (step.type === 'mark' && step.samples !== undefined)
  if (!questions.steps.some(isAsked)) return prepared
  await dropAbandoned(connection)
  const { area } = probe
  try {
    await area.open()
    return await probe.run(questions)
  } finally {
    await askAnyway(connection, area.closing())
  }
}

/** An error of the cleanup must not hide the first error; the next probe drops what is left. */
async function askAnyway(connection: Asker, texts: readonly string[]): Promise<void> {
  for (const text of texts) await connection.ask(text).catch(() => undefined)
}

/** False when the server refuses; a lost connection is thrown. */
async function tryAsk(connection: Asker, text: string): Promise<boolean> {
  try {
    await connection.ask(text)
    return true
  } catch (error) {
    if (!isServerError(error) || isConnectionLost(error)) throw error
    return false
  }
}

/** ALGORITHM or LOCK is not supported (1845, 1846), both cannot be combined (1221), too many row versions (4092): try the next. */
const refusals = [1845, 1846, 1221, 4092]

/** The parent of a foreign key has no copy, because the plan itself creates it: then the hazards follow from the text. */
const missingParent = [1824, 1822, 1215]

/** Ambiguous column, unknown column, a column twice, not as many values as columns. */
const faultyNames = [1052, 1054, 1110, 1136]

class Probe {
  readonly #connection: TrialConnection
  readonly area: ScratchArea
  readonly #versions: RowVersions
  readonly #answers = new Map<number, ServerAnswer>()
  readonly #notes: string[] = []
  readonly #refusals = new Map<number, ProbeRefusal>()
  /** Session variables that the current file set, with their previous values. */
  #saved: [name: string, value: unknown][] = []
  #trial: Trial | null = null

  constructor(connection: TrialConnection, area: ScratchArea) {
    this.#connection = connection
    this.area = area
    this.#versions = new RowVersions(connection)
  }

  async run({ steps, schema }: AlgorithmQuestions): Promise<ProbeResult> {
    this.#trial = await Trial.open(this.#connection, this.area, schema, steps)
    for (const step of steps) await this.#take(step)
    await this.#restoreSession()
    return this.#result
  }

  get #result(): ProbeResult {
    const found = { answers: this.#answers, refusals: this.#refusals, notes: this.#notes }
    return this.#trial === null ? found : { ...found, trial: this.#trial.report }
  }

  /** Makes the server prepare statements on the tables in their present form, which executes nothing. */
  async prepareAll({ steps, schema }: AlgorithmQuestions): Promise<ProbeResult> {
    if (!steps.some((step) => step.type === 'prepare')) return this.#result
    await this.#connection.ask(`USE ${quoteName(schema)}`)
    for (const step of steps) {
      if (step.type === 'prepare') await this.#prepare(step)
      else if (step.type === 'session' || step.type === 'next-file') await this.#take(step)
    }
    await this.#restoreSession()
    await askAnyway(this.#connection, ['DEALLOCATE PREPARE wwdb_probe', 'SET @wwdb_probe=NULL'])
    return this.#result
  }

  async #prepare({ position, subject, text }: Extract<ProbeStep, { readonly type: 'prepare' }>): Promise<void> {
    try {
      // PREPARE accepts a literal or a variable, and a text with certain characters is quoted as an expression.
      await this.#connection.ask(`SET @wwdb_probe=${quoteString(text)}`)
      await this.#connection.ask('PREPARE wwdb_probe FROM @wwdb_probe')
    } catch (error) {
      if (!isServerError(error) || isConnectionLost(error)) throw error
      if (!hasNumber(error, ...faultyNames)) return
      const why = toSentence(error.message)
      this.#refusals.set(position, { subject, why, number: error.errno, isReported: true, isPrepared: true })
    }
  }

  async #take(step: ProbeStep): Promise<void> {
    switch (step.type) {
      case 'ask':
        return this.#ask(step)
      case 'rename':
        return this.area.rename(step.from, step.to, step.text)
      case 'prepare':
        return
      case 'session':
        return this.#setSession(step.text, step.variables)
      case 'next-file':
        return this.#restoreSession()
      case 'mark':
        await this.#restoreSession()
        await this.#trial?.take(step)
        return
      case 'try':
      case 'untried': {
        const refusal = (await this.#trial?.take(step)) ?? null
        if (refusal !== null) this.#refusals.set(step.position, refusal)
      }
    }
  }

  async #ask(step: Ask): Promise<void> {
    const { position, names } = step
    if (names === undefined || this.#trial === null) return this.#askOnCopy(step)
    if (!(await this.#trial.admit(position, names))) return
    await this.#askOnCopy(step)
    this.#trial.settle(position, [step.table.name.toLowerCase()], this.#refusals.get(position))
  }

  async #askOnCopy(step: Ask): Promise<void> {
    const outcome = await this.area.ensureCopy(step.table)
    if (outcome.type === 'refused') {
      this.#notes.push(`The server was not asked about ${step.subject}: ${toSentence(outcome.why)}`)
    }
    if (outcome.type !== 'copied') return
    if (step.renamed !== null) await this.area.prepareFor(step.renamed)
    for (const parent of step.references) await this.area.ensureCopy(parent)
    const answer = await this.#tryAttempts(step)
    if (answer === null) return
    this.#answers.set(step.position, await this.#weighRowVersions(step, answer))
    if (step.renamed !== null) this.area.noteRename(step.table, step.renamed)
  }

  async #tryAttempts(step: Ask): Promise<ServerAnswer | null> {
    let last: unknown
    for (const attempt of step.attempts) {
      try {
        return await this.#attempt(attempt, step)
      } catch (error) {
        if (!isServerError(error) || isConnectionLost(error)) throw error
        last = error
        if (!hasNumber(error, ...refusals)) break
      }
    }
    if (isOuterCause(last)) {
      if (step.names === undefined || this.#trial === null)
        this.#notes.push(`The server was not asked about ${step.subject}: ${sentenceWithGrant(last)}`)
      else this.#trial.leaveOut(step.position, [step.table.name.toLowerCase()], last)
      return null
    }
    if (isServerError(last)) {
      const why = toSentence(last.message)
      const isReported = !this.#lacksParent(last, step) && !this.#isImpliedKey(last, step)
      const { position, subject, names } = step
      const how = names === undefined ? {} : { isTried: true }
      this.#refusals.set(position, { subject, why, number: last.errno, isReported, ...how })
    }
    return null
  }

  /** In a trial, everything that the plan creates in its own schema exists. */
  #lacksParent(error: unknown, { references, names, table }: Ask): boolean {
    const isKnown = names !== undefined && references.every(({ schema }) => schema === table.schema)
    return hasNumber(error, ...missingParent) && !isKnown
  }

  /**
   * True for the index that MySQL generated for a foreign key: it is replaced when an index of its name is added, but in the copy,
   * which is created from the table's text, it is an ordinary index.
   */
  #isImpliedKey(error: unknown, step: Ask): boolean {
    return hasNumber(error, serverErrors.duplicateKeyName) && this.area.hasForeignKeys(step.table)
  }

  async #attempt(attempt: Attempt, step: Ask): Promise<ServerAnswer> {
    const { algorithm, lock, text } = attempt
    const { schema } = this.area.copyOf(step.table)
    const before = algorithm === 'INPLACE' ? await readTableIds(this.#connection, schema) : null
    await this.#connection.ask(text)
    if (algorithm !== 'INPLACE') return { algorithm, lock, rebuilds: algorithm === 'COPY' }
    const after = before === null ? null : await readTableIds(this.#connection, schema)
    return {
      algorithm,
      lock,
      rebuilds: before === null || after === null ? step.guessedRebuild : isRebuilt(before, after),
    }
  }

  /** The copy starts without row versions; the original may have reached the limit. */
  async #weighRowVersions(step: Ask, answer: ServerAnswer): Promise<ServerAnswer> {
    const now: SourceTable = step.renamed ?? step.table
    const weighed = await this.#versions.weigh(answer, this.area.originalOf(step.table), this.area.copyOf(now))
    if (weighed.note !== null) this.#notes.push(`${step.subject}: ${weighed.note}`)
    return weighed.answer
  }

  async #setSession(text: string, variables: readonly string[]): Promise<void> {
    const names = variables.map((name) => `@@SESSION.${quoteName(name)}`)
    const { rows } = await this.#connection.ask(`SELECT ${names.join(',')}`)
    this.#saved.push(...variables.map((name, index): [string, unknown] => [name, rows[0]?.[index]]))
    await tryAsk(this.#connection, text)
  }

  async #restoreSession(): Promise<void> {
    for (const [name, value] of this.#saved.reverse()) {
      const literal = typeof value === 'number' ? String(value) : quoteString(String(value))
      await this.#connection.ask(`SET SESSION ${quoteName(name)}=${literal}`)
    }
    this.#saved = []
  }
}

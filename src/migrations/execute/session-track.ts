import type { SessionLeftovers, StatementOutcome } from '../../mysql/facts.ts'
import type { Statement, StatementFacts } from '../../sql/statement.ts'
import type { SessionMemory } from '../journal/journal.ts'
import type { Step } from '../plan.ts'
import { scriptOf } from '../plan-document.ts'
import type { Session } from '../ports.ts'
import { readOrigins, unknownOrigins, type VariableOrigins, withoutSecrets } from './secret-variables.ts'

/** Tracks what one migration changes in its session: to resolve EXECUTE, to record values and to restore the session after it. */
export class SessionTrack {
  readonly #session: Session
  readonly #prepared = new Map<string, string>()
  readonly #temporary = new Set<string>()
  readonly #sessionVariables = new Set<string>()
  readonly #userVariables = new Set<string>()
  #mayHoldMore = false
  #readsAsScanned = true

  readonly #origins: VariableOrigins

  /** @param origins of its user variables: the journal does not keep the values of secrets */
  constructor(session: Session, origins: VariableOrigins = unknownOrigins) {
    this.#session = session
    this.#origins = origins
  }

  /** For one step of a plan. */
  static of(session: Session, step: Step): SessionTrack {
    return new SessionTrack(session, readOrigins(scriptOf(step)))
  }

  get temporary(): ReadonlySet<string> {
    return this.#temporary
  }

  /** False once the server reads quotes and backslashes differently from the scanner: then texts must not be joined into one packet. */
  get readsAsScanned(): boolean {
    return this.#readsAsScanned
  }

  /** The text that EXECUTE will run, or null when the PREPARE was not seen. */
  preparedText(name: string): string | null {
    return this.#prepared.get(name.toLowerCase()) ?? null
  }

  /** Records a statement that has run, or was repeated in the session. */
  async observe(statement: Statement, text: string): Promise<void> {
    // A procedure may set what its caller never names.
    if (statement.class === 'call' || statement.class === 'execute') this.#mayHoldMore = true
    if (
      statement.class === 'call' ||
      statement.class === 'execute' ||
      statement.sessionVariables.includes('sql_mode')
    ) {
      const mode = await this.#session.evaluate('@@SESSION.sql_mode')
      this.#readsAsScanned = !/NO_BACKSLASH_ESCAPES|ANSI_QUOTES/.test(mode ?? '')
    }
    for (const name of statement.sessionVariables) this.#sessionVariables.add(name)
    for (const name of statement.userVariables) this.#userVariables.add(name)
    if (statement.verb === 'CREATE TEMPORARY TABLE') {
      for (const object of statement.objects) this.#temporary.add(object.name.toLowerCase())
    }
    // DROP TABLE takes the temporary one, too; from then on the name means the table that it hid.
    if (statement.verb === 'DROP TEMPORARY TABLE' || statement.verb === 'DROP TABLE') {
      for (const object of statement.objects) this.#temporary.delete(object.name.toLowerCase())
    }
    if (statement.verb === 'PREPARE' && statement.prepared !== null) {
      const prepared = await this.#readPrepared(text)
      if (prepared !== null) this.#prepared.set(statement.prepared.toLowerCase(), prepared)
    }
    if (statement.verb.startsWith('DEALLOCATE') || statement.verb.startsWith('DROP PREPARE')) {
      if (statement.prepared !== null) this.#prepared.delete(statement.prepared.toLowerCase())
    }
  }

  /** What a resumed run must be able to restore after this statement; null when there is nothing. */
  async remember(
    facts: Pick<StatementFacts, 'userVariables'>,
    outcome: StatementOutcome,
  ): Promise<SessionMemory | null> {
    if (facts.userVariables.length === 0 && outcome.lastInsertId === null) return null
    const values = await this.#session.readVariables(facts.userVariables)
    return { lastInsertId: outcome.lastInsertId, ...withoutSecrets(values, this.#origins) }
  }

  /** A module is about to run: its settings are not visible here, so the session is restored in any case. */
  expectAnyChange(): void {
    this.#mayHoldMore = true
  }

  leftovers(): SessionLeftovers | null {
    const left = {
      sessionVariables: [...this.#sessionVariables],
      userVariables: [...this.#userVariables],
      prepared: [...this.#prepared.keys()],
      temporaryTables: [...this.#temporary],
    }
    return this.#mayHoldMore || Object.values(left).some((names) => names.length > 0) ? left : null
  }

  /** The source of `PREPARE name FROM 'text'` or `FROM @variable`; the server evaluates the literal. */
  async #readPrepared(text: string): Promise<string | null> {
    const source =
      /^\s*PREPARE\s+(?:`(?:[^`]|``)*`|[^\s`]+)\s+FROM\s+(?:@(?<variable>[\w$.]+|`[^`]+`)|(?<literal>[\s\S]+))$/i.exec(
        text,
      )?.groups
    if (source?.['variable'] !== undefined) return this.#session.readText(source['variable'].replaceAll('`', ''))
    if (source?.['literal'] !== undefined) return this.#session.evaluate(source['literal'])
    return null
  }
}

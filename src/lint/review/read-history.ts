import { SchemaLog } from '../../ddl/schema-log.ts'
import type { Schema } from '../../ddl/table.ts'
import type { Statement } from '../../sql/statement.ts'
import { type Token, tokenize } from '../../sql/tokens.ts'
import type { LintFile, ReadStatement } from '../subjects.ts'

/** What review needs of a migration beside its statements. */
export interface ReviewedMigration
  extends Pick<LintFile, 'file' | 'database' | 'version' | 'name' | 'accepted' | 'conditions'> {
  readonly kind: LintFile['kind'] | 'drift'
  readonly suppressed?: LintFile['suppressed']
  readonly shards?: string
}

/** A migration with its statements at hand: of a file too large to hold, those that are not plain rows. */
export interface HeldMigration<Held extends ReviewedMigration = ReviewedMigration> {
  readonly migration: Held
  readonly up: readonly Statement[]
  readonly down: readonly Statement[] | null
  /** True where not all statements are here. */
  readonly partial: boolean
}

/** The files of a database in their order, and what they make of its schema. */
export interface History {
  readonly database: string
  readonly files: readonly LintFile[]
  readonly schema: Schema
}

/** Replays files: each statement knows the schema before and after it. Pure; tables are read when they are asked for. */
export function readHistory(database: string, held: readonly HeldMigration[]): History {
  const log = new SchemaLog(database)
  const rollback = new Rollback(database)
  const files = held.map((migration, index) => readFile(log, migration, (after) => rollback.read(index, after)))
  rollback.begin(held, log.now)
  return { database, files, schema: log.now }
}

/**
 * The way back from the newest migration: a down part meets what the down parts of all later migrations leave. Later migrations may keep something of theirs, such
 * as a column whose down part leaves it for an earlier one to drop. Replayed when the first down part is asked for.
 */
class Rollback {
  readonly #database: string
  #held: readonly HeldMigration[] = []
  #newest: Schema | null = null
  #parts: ReadonlyMap<number, readonly ReadStatement[]> | null = null

  constructor(database: string) {
    this.#database = database
  }

  begin(held: readonly HeldMigration[], newest: Schema): void {
    this.#held = held
    this.#newest = newest
  }

  /** @param after the schema directly after the up part, from which a part begins that a rollback from the newest does not reach */
  read(index: number, after: Schema): readonly ReadStatement[] | null {
    const down = this.#held[index]?.down ?? null
    if (down === null || down.length === 0) return down === null ? null : []
    this.#parts ??= this.#replay()
    return this.#parts.get(index) ?? replayDown(this.#database, after, down)
  }

  #replay(): ReadonlyMap<number, readonly ReadStatement[]> {
    const parts = new Map<number, readonly ReadStatement[]>()
    const log = new SchemaLog(this.#database, this.#newest ?? undefined)
    for (const [index, { migration, down, partial }] of [...this.#held.entries()].reverse()) {
      // A fan-out changes shards alone, and a repeatable migration has no way back.
      if (migration.shards !== undefined || migration.kind === 'repeatable') continue
      // Without a way back, a rollback stops here: those below are judged by themselves.
      if (down === null || partial || migration.kind === 'data') break
      parts.set(
        index,
        down.map((statement) => replay(log, statement, 'down', true)),
      )
    }
    return parts
  }
}

function readFile(
  log: SchemaLog,
  { migration, up, partial }: HeldMigration,
  readDown: (after: Schema) => LintFile['down'],
): LintFile {
  const { file, database, version, name, accepted, suppressed = [], conditions, shards = null } = migration
  // What `drift --revert` runs has no file.
  const kind = migration.kind === 'drift' ? 'versioned' : migration.kind
  const isCertain = conditions.length === 0
  // A fan-out changes shards, whose names only their family knows.
  const own = shards === null ? log : new SchemaLog(database, log.now)
  const read = up.map((statement) => replay(own, statement, 'up', isCertain))
  if (kind === 'data' || partial) log.forget()
  const after = own.now
  return new HeldFile(
    { file, database, version, name, kind, accepted, suppressed, conditions, shards, up: read, partial },
    () => readDown(after),
  )
}

function replayDown(database: string, base: Schema, down: readonly Statement[]): readonly ReadStatement[] {
  const log = new SchemaLog(database, base)
  return down.map((statement) => replay(log, statement, 'down', true))
}

function replay(log: SchemaLog, statement: Statement, part: 'up' | 'down', isCertain: boolean): ReadStatement {
  const before = log.now
  log.follow(statement, isCertain)
  return new HeldStatement(statement, part, before, log.now)
}

/** The tokens that were read last. Rules ask about one statement after the other, each of them some twenty times. */
let latest: { readonly text: string; readonly tokens: readonly Token[] } = { text: '', tokens: [] }

/** Reads its tokens when they are asked for, and keeps none: those of all statements of a large file would be most of its memory. */
class HeldStatement implements ReadStatement {
  readonly statement: Statement
  readonly part: 'up' | 'down'
  readonly before: Schema
  readonly after: Schema

  constructor(statement: Statement, part: 'up' | 'down', before: Schema, after: Schema) {
    this.statement = statement
    this.part = part
    this.before = before
    this.after = after
  }

  get tokens(): readonly Token[] {
    const { text } = this.statement
    if (latest.text !== text) latest = { text, tokens: tokenize(text) }
    return latest.tokens
  }
}

/** Replays its down part when it is first asked for. */
class HeldFile implements LintFile {
  readonly file: LintFile['file']
  readonly database: LintFile['database']
  readonly version: LintFile['version']
  readonly name: LintFile['name']
  readonly kind: LintFile['kind']
  readonly accepted: LintFile['accepted']
  readonly suppressed: LintFile['suppressed']
  readonly conditions: LintFile['conditions']
  readonly shards: LintFile['shards']
  readonly up: LintFile['up']
  readonly partial: LintFile['partial']
  readonly #readDown: () => LintFile['down']
  #down: LintFile['down'] | undefined

  constructor(facts: Omit<LintFile, 'down'>, readDown: () => LintFile['down']) {
    this.file = facts.file
    this.database = facts.database
    this.version = facts.version
    this.name = facts.name
    this.kind = facts.kind
    this.accepted = facts.accepted
    this.suppressed = facts.suppressed
    this.conditions = facts.conditions
    this.shards = facts.shards
    this.up = facts.up
    this.partial = facts.partial
    this.#readDown = readDown
  }

  get down(): LintFile['down'] {
    if (this.#down === undefined) this.#down = this.#readDown()
    return this.#down
  }
}

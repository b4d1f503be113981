import { applyStatement } from '../../ddl/apply-statement.ts'
import { forget } from '../../ddl/follow-calls.ts'
import { nothingKnown, type Schema, withoutTemporary } from '../../ddl/schema.ts'
import type { Statement } from '../../sql/statement.ts'
import { type Token, tokenize } from '../../sql/tokens.ts'
import type { LintFile, ReadStatement } from '../subjects.ts'

/** What review needs of a migration besides its statements. */
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

/** The files of a database in order, and the schema that they produce. */
export interface History {
  readonly database: string
  readonly files: readonly LintFile[]
  readonly schema: Schema
}

/** Replays files: each statement knows the schema before and after it. Pure; tables are read on demand. */
export function readHistory(database: string, held: readonly HeldMigration[]): History {
  let schema: Schema = { ...nothingKnown, database, isPlanned: () => false }
  const rollback = new Rollback()
  const files = held.map((migration, index) => {
    const read = readFile(schema, migration, (after) => rollback.read(index, after))
    schema = read.after
    return read.file
  })
  rollback.begin(held, schema)
  return { database, files, schema }
}

/**
 * The way back from the newest migration: a down part starts from the schema that the down parts of all later migrations leave. Later migrations may leave
 * something behind, such as a column that the down part of an earlier one drops. Replayed for the first down part that is requested.
 */
class Rollback {
  #held: readonly HeldMigration[] = []
  #newest: Schema = nothingKnown
  #parts: ReadonlyMap<number, readonly ReadStatement[]> | null = null

  begin(held: readonly HeldMigration[], newest: Schema): void {
    this.#held = held
    this.#newest = newest
  }

  /** @param after the schema directly after the up part, from which a part begins that a rollback from the newest does not reach */
  read(index: number, after: Schema): readonly ReadStatement[] | null {
    const down = this.#held[index]?.down ?? null
    if (down === null || down.length === 0) return down === null ? null : []
    this.#parts ??= this.#replay()
    return this.#parts.get(index) ?? replay(after, down, 'down').read
  }

  #replay(): ReadonlyMap<number, readonly ReadStatement[]> {
    const parts = new Map<number, readonly ReadStatement[]>()
    let schema = this.#newest
    for (const [index, { migration, down, partial }] of [...this.#held.entries()].reverse()) {
      // A fan-out changes only shards, and a repeatable migration has no down part.
      if (migration.shards !== undefined || migration.kind === 'repeatable') continue
      // Without a way back, a rollback stops here: those below are judged by themselves.
      if (down === null || partial || migration.kind === 'data') break
      const replayed = replay(schema, down, 'down')
      parts.set(index, replayed.read)
      schema = replayed.after
    }
    return parts
  }
}

function readFile(
  before: Schema,
  { migration, up, partial }: HeldMigration,
  readDown: (after: Schema) => LintFile['down'],
): { readonly file: LintFile; readonly after: Schema } {
  const { file, database, version, name, accepted, suppressed = [], conditions, shards = null } = migration
  // What `drift --revert` runs has no file.
  const kind = migration.kind === 'drift' ? 'versioned' : migration.kind
  const isCertain = conditions.length === 0
  const replayed = replay(before, up, 'up', isCertain)
  const own: Omit<LintFile, 'down' | 'up'> = {
    file,
    database,
    version,
    name,
    kind,
    accepted,
    suppressed,
    conditions,
    shards,
    partial,
  }
  // A fan-out changes shards, whose names only their family knows.
  const after = shards === null ? replayed.after : before
  return {
    file: new HeldFile({ ...own, up: replayed.read }, () => readDown(replayed.after)),
    after: kind === 'data' || partial ? forget(after) : after,
  }
}

/** Every file runs in a session of its own. */
function replay(
  before: Schema,
  statements: readonly Statement[],
  part: 'up' | 'down',
  isCertain = true,
): { readonly read: readonly ReadStatement[]; readonly after: Schema } {
  let after = withoutTemporary(before)
  const read = statements.map((statement) => {
    const now = after
    after = applyStatement(now, statement, isCertain)
    return new HeldStatement(statement, part, now, after)
  })
  return { read, after }
}

/** The tokens that were read last. Rules ask about one statement after the other, each of them some twenty times. */
let latest: { readonly text: string; readonly tokens: readonly Token[] } = { text: '', tokens: [] }

/** Tokens are read on demand and not kept: those of all statements of a large file would be most of its memory. */
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

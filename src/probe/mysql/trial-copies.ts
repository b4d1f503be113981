import type { Asker, Row } from '../../mysql/connection.ts'
import { isConnectionLost, isServerError } from '../../mysql/errors.ts'
import { sentenceWithGrant } from '../../mysql/missing-grant.ts'
import { isName } from '../../sql/clauses.ts'
import { confineSchemas, dropDefiner } from '../../sql/confine.ts'
import { quoteName, quoteQualified, quoteString } from '../../sql/quote-name.ts'
import { applyEdits, tokenize } from '../../sql/tokens.ts'
import type { ScratchArea } from './scratch-area.ts'

/** An object of the schema that a plan names. */
type Listed =
  | { readonly type: 'table' | 'view' | 'procedure' | 'function'; readonly name: string }
  | {
      readonly type: 'trigger'
      readonly name: string
      readonly table: string
      readonly text: string
      readonly mode: string
    }

/** A foreign key within the schema. */
interface Edge {
  readonly child: string
  readonly parent: string
}

/** The most names in one query. */
const together = 1000

/** The most children of one parent that are copied: one is enough to show what a key refuses. */
const mostChildren = 20

/**
 * Copies what statements name into a scratch schema: tables with those that foreign keys connect to them, views, routines, triggers. The originals are only
 * read.
 */
export class TrialCopies {
  readonly #connection: Asker
  readonly #area: ScratchArea
  readonly #schema: string
  /** Schemas of the server, in lower case. */
  readonly #schemas: ReadonlySet<string>
  readonly #objects = new Map<string, Listed[]>()
  readonly #edges: Edge[] = []
  readonly #seen = new Set<string>()
  /** Names in lower case whose copies are missing or different, with the reason. */
  readonly #spoiled = new Map<string, string>()

  private constructor(connection: Asker, area: ScratchArea, schema: string, schemas: ReadonlySet<string>) {
    this.#connection = connection
    this.#area = area
    this.#schema = schema
    this.#schemas = schemas
  }

  static async read(
    connection: Asker,
    area: ScratchArea,
    schema: string,
    names: readonly string[],
  ): Promise<TrialCopies> {
    const { rows } = await connection.ask('SELECT SCHEMA_NAME FROM information_schema.SCHEMATA')
    const copies = new TrialCopies(connection, area, schema, new Set(rows.map(([name]) => String(name).toLowerCase())))
    for (let at = 0; at < names.length; at += together) await copies.#list(names.slice(at, at + together))
    return copies
  }

  /** The first of the names that is a schema of the server; null where none is. */
  findSchema(names: readonly string[]): string | null {
    return names.find((name) => this.#schemas.has(name)) ?? null
  }

  /** From now on these are unknown. */
  spoil(names: readonly string[], why: string): void {
    for (const name of names) if (!this.#spoiled.has(name)) this.#spoiled.set(name, why)
  }

  /** Copies the named objects that are not copied yet. Returns why one of them is unreliable; null where all are reliable. */
  async admit(names: readonly string[]): Promise<string | null> {
    // Not copied: an orphan of a killed run may still hold it.
    const before = this.#explainSpoiled(names)
    if (before !== null) return before
    for (const name of names) {
      if (this.#seen.has(name)) continue
      this.#seen.add(name)
      for (const object of this.#objects.get(name) ?? []) await this.#copy(object)
    }
    return this.#explainSpoiled(names)
  }

  #explainSpoiled(names: readonly string[]): string | null {
    const spoiled = names.find((name) => this.#spoiled.has(name))
    return spoiled === undefined ? null : `it needs \`${spoiled}\`: ${this.#spoiled.get(spoiled)}`
  }

  async #list(names: readonly string[]): Promise<void> {
    if (names.length === 0) return
    const own = quoteString(this.#schema)
    const some = `(${names.map(quoteString).join(',')})`
    const { rows } = await this.#connection.ask(
      `SELECT IF(TABLE_TYPE='VIEW','view','table'),TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA=${own} AND TABLE_TYPE IN ('BASE TABLE','VIEW') AND TABLE_NAME IN ${some} ` +
        `UNION ALL SELECT LOWER(ROUTINE_TYPE),ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA=${own} AND ROUTINE_TYPE IN ('PROCEDURE','FUNCTION') AND ROUTINE_NAME IN ${some}`,
    )
    for (const [type, name] of rows) {
      const kind = (['table', 'view', 'procedure', 'function'] as const).find((one) => one === String(type))
      if (kind !== undefined) this.#remember(String(name), { type: kind, name: String(name) })
    }
    const triggers = await this.#connection.ask(
      `SELECT TRIGGER_NAME,ACTION_TIMING,EVENT_MANIPULATION,EVENT_OBJECT_TABLE,ACTION_STATEMENT,SQL_MODE FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA=${own} AND (TRIGGER_NAME IN ${some} OR EVENT_OBJECT_TABLE IN ${some}) ORDER BY EVENT_OBJECT_TABLE,ACTION_TIMING,EVENT_MANIPULATION,ACTION_ORDER`,
    )
    for (const row of triggers.rows) {
      const trigger = toTrigger(row)
      // It is copied together with its table.
      this.#remember(trigger.table, trigger)
      if (trigger.name.toLowerCase() !== trigger.table.toLowerCase()) this.#remember(trigger.name, trigger)
    }
    const keys = await this.#connection.ask(
      `SELECT TABLE_NAME,REFERENCED_TABLE_NAME FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA=${own} AND UNIQUE_CONSTRAINT_SCHEMA=${own} AND (TABLE_NAME IN ${some} OR REFERENCED_TABLE_NAME IN ${some})`,
    )
    for (const [child, parent] of keys.rows) this.#edges.push({ child: String(child), parent: String(parent) })
  }

  #remember(name: string, object: Listed): void {
    const key = name.toLowerCase()
    const known = this.#objects.get(key) ?? []
    const isKnown = known.some((one) => one.type === object.type && one.name === object.name)
    if (!isKnown) this.#objects.set(key, [...known, object])
  }

  async #copy(object: Listed): Promise<void> {
    switch (object.type) {
      case 'table':
        return this.#copyWithNeighbors(object.name)
      case 'view':
        return this.#copyView(object.name)
      case 'trigger':
        if (this.#seen.has(`trigger ${object.name}`)) return
        this.#seen.add(`trigger ${object.name}`)
        await this.admit([object.table.toLowerCase()])
        await this.#copyNamed(object.text, object.table.toLowerCase())
        return this.#make(object.name, object.text, object.mode)
      default: {
        const kind = object.type.toUpperCase()
        const { rows } = await this.#connection.ask(`SHOW CREATE ${kind} ${quoteQualified(this.#schema, object.name)}`)
        const [, mode, text] = rows[0] ?? []
        if (typeof text !== 'string') return this.spoil([object.name.toLowerCase()], 'its definition cannot be read')
        await this.#copyNamed(text, object.name.toLowerCase())
        return this.#make(object.name, text, String(mode))
      }
    }
  }

  async #copyWithNeighbors(name: string): Promise<void> {
    const key = name.toLowerCase()
    const parents = this.#edges.filter(({ child }) => child.toLowerCase() === key).map(({ parent }) => parent)
    const children = this.#edges.filter(({ parent }) => parent.toLowerCase() === key).map(({ child }) => child)
    // What was named before is as the statements left it: one that they dropped is not copied again.
    const neighbors = [...parents, ...children.slice(0, mostChildren)].filter(
      (table) => !this.#seen.has(table.toLowerCase()),
    )
    for (const table of new Set([name, ...neighbors])) await this.#copyTable(table)
  }

  async #copyTable(name: string): Promise<void> {
    const outcome = await this.#area.ensureCopy({ schema: this.#schema, name })
    if (outcome.type === 'refused') this.spoil([name.toLowerCase()], `it could not be copied: ${outcome.why}`)
  }

  /** The text does not name the schema where the session is in the view's schema. */
  async #copyView(name: string): Promise<void> {
    const key = name.toLowerCase()
    await this.#connection.ask(`USE ${quoteName(this.#schema)}`)
    const text = await this.#area
      .show(`SHOW CREATE VIEW ${quoteQualified(this.#schema, name)}`)
      .catch((error: unknown) => this.#spoilBy(key, error))
      .finally(() => this.#connection.ask(`USE ${quoteName(this.#area.main)}`))
    if (text === null) return
    await this.#copyNamed(text, key)
    await this.#make(name, text, '')
  }

  /** Copies what a view reads, or a trigger or routine reads and writes. */
  async #copyNamed(text: string, own: string): Promise<void> {
    const names = tokenize(text).flatMap((token) => (isName(token) ? [token.text, token.text.toLowerCase()] : []))
    const read = [...new Set(names)].filter((one) => one.toLowerCase() !== own)
    await this.#list(read.filter((one) => !this.#objects.has(one) && !this.#seen.has(one)))
    await this.admit(read)
  }

  async #make(name: string, text: string, mode: string): Promise<void> {
    const key = name.toLowerCase()
    // Where its texts end, and so which names are outside of them, is read otherwise here.
    if (mode.includes('NO_BACKSLASH_ESCAPES') && text.includes('\\'))
      return this.spoil([key], 'it has a backslash, which is no escape in its `sql_mode`')
    const tokens = tokenize(text)
    const { edits, qualifiers, foreign } = confineSchemas(tokens, this.#schema, () => this.#area.main)
    const schema = this.findSchema(qualifiers) ?? foreign
    if (schema !== null) return this.spoil([key], `it names the schema \`${schema}\``)
    const confined = applyEdits(text, [...edits, ...dropDefiner(tokens)])
    try {
      await this.#area.create(confined, mode)
    } catch (error) {
      this.#spoilBy(key, error)
    }
  }

  /** Rethrows errors that are not a refusal. */
  #spoilBy(key: string, error: unknown): null {
    if (!isServerError(error) || isConnectionLost(error)) throw error
    this.spoil([key], `it could not be copied: ${sentenceWithGrant(error)}`)
    return null
  }
}

function toTrigger([name, time, event, table, statement, mode]: Row): Extract<Listed, { readonly type: 'trigger' }> {
  const text = `CREATE TRIGGER ${quoteName(String(name))} ${String(time)} ${String(event)} ON ${quoteName(String(table))} FOR EACH ROW ${String(statement)}`
  return { type: 'trigger', name: String(name), table: String(table), text, mode: String(mode) }
}

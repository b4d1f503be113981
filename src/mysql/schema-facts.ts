import { modernCharset } from '../ddl/definitions/normal-column.ts'
import type { NormalFormContext } from '../ddl/definitions/normal-form.ts'
import type { SnapshotOptions } from '../ddl/snapshot.ts'
import { quoteString } from '../sql/quote-name.ts'
import type { Row } from './connection.ts'

/** The character sets of a server with their default collations, as `selectCharsets` reads them: no text of SHOW CREATE TABLE is complete without them. */
export type Charsets = readonly Row[]

export const selectCharsets =
  "SELECT 'charset',CHARACTER_SET_NAME,DEFAULT_COLLATE_NAME FROM information_schema.CHARACTER_SETS"

/** They are the same for all schemas of a server: the first packet that needs them asks, and others at the same time wait for its answer. */
export class KnownCharsets {
  /** Null where no packet has asked yet. */
  known: Promise<Charsets> | null = null

  /** @param ask given null, asks for them as well */
  async askedBy<T extends { readonly charsets: Charsets }>(
    ask: (known: Promise<Charsets> | null) => Promise<T>,
  ): Promise<T> {
    const asked = ask(this.known)
    if (this.known === null) {
      this.known = asked.then(({ charsets }) => charsets)
      this.known.catch(() => {
        this.known = null
      })
    }
    return asked
  }
}

/** The defaults of a schema, and the character sets where they are not known. */
export function selectFacts(schema: string, known?: Promise<Charsets>): string {
  const defaults = `SELECT 'schema',DEFAULT_CHARACTER_SET_NAME,DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME=${quoteString(schema)}`
  return known === undefined ? `${defaults} UNION ALL ${selectCharsets}` : defaults
}

/** What these asked for. */
export function readFacts(facts: readonly Row[], databases: SnapshotOptions['databases']) {
  const modern = (cell: Row[number] | undefined): string => modernCharset(String(cell))
  const [, charset, collation] = facts.find(([kind]) => kind === 'schema') ?? []
  return { context: readContext(facts, databases), charset: modern(charset), collation: modern(collation) }
}

export function readContext(facts: readonly Row[], databases: SnapshotOptions['databases']): NormalFormContext {
  const modern = (cell: Row[number] | undefined): string => modernCharset(String(cell))
  const sets = facts.filter(([kind]) => kind === 'charset')
  return { collations: new Map(sets.map(([, name, preset]) => [modern(name), modern(preset)])), databases }
}

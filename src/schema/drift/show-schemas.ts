import type { DatabaseConfig } from '../../config/config.ts'
import { quoteName } from '../../sql/quote-name.ts'
import type { SchemaDiff } from '../diff.ts'

/** Databases and the schemas that hold them: those of the configuration, or of the environment that is changed. */
type HeldDatabases = readonly Pick<DatabaseConfig, 'name' | 'schema'>[]

/** SQL with the schemas of a configuration in place of `{{schema:user_db}}`. */
export function nameSchemas(text: string, databases: HeldDatabases): string {
  return databases.reduce(
    (sql, { name, schema }) => sql.replaceAll(`{{schema:${name}}}`, () => quoteName(schema)),
    text,
  )
}

/** Differences as people see them: what is printed can be pasted. Saved files keep the placeholders, which apply in every environment. */
export function showSchemas(diffs: readonly SchemaDiff[], databases: HeldDatabases): readonly SchemaDiff[] {
  const show = (text: string): string => (text.includes('{{schema:') ? nameSchemas(text, databases) : text)
  const orNull = (text: string | null): string | null => (text === null ? null : show(text))
  const statements = (list: SchemaDiff['forward']): SchemaDiff['forward'] =>
    list.map((one) => ({
      ...one,
      text: show(one.text),
      hazards: one.hazards.map((hazard) => ({ ...hazard, statement: show(hazard.statement) })),
    }))
  return diffs.map((diff) => ({
    ...diff,
    differences: diff.differences.map((one) => ({
      ...one,
      parts: one.parts.map((part) => ({ ...part, wanted: orNull(part.wanted), found: orNull(part.found) })),
    })),
    forward: statements(diff.forward),
    backward: statements(diff.backward),
  }))
}

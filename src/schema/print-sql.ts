import { quoteName } from '../sql/quote-name.ts'
import type { SchemaDiff, SchemaPair } from './diff.ts'
import { orderSaved } from './order-saved.ts'
import { renderStatements } from './render-sql.ts'

/**
 * The statements of several databases for the mysql client, each after a USE of its schema, in an order that runs: where databases depend on each other, each occurs several times. Pure.
 * @param isOneOfSeveral whether the text says which database it is of
 * @param schemas those that are to be changed, by database; one that is missing is chosen by the person who runs the statements
 */
export function printSql(
  diffs: readonly SchemaDiff[],
  pairs: readonly SchemaPair[],
  schemas: ReadonlyMap<string, string>,
  isOneOfSeveral: boolean,
): string {
  return orderSaved(diffs, pairs, '')
    .map(({ database, up }) => {
      const schema = schemas.get(database)
      const use = schema === undefined ? '' : `USE ${quoteName(schema)};\n\n`
      const heading = isOneOfSeveral ? `-- ${database}\n\n${use}` : ''
      const statements = up.map(({ text, isCompound, hazards }) => {
        const notes = hazards.map(({ code, why }) => `-- HAZARD ${code}: ${why.replaceAll(/\s+/g, ' ')}\n`)
        return { text: `${notes.join('')}${text}`, isCompound }
      })
      return `${heading}${renderStatements(statements)}`
    })
    .join('\n')
}

import type { Context } from '../../core/context.ts'
import type { Migration } from '../../core/migration.ts'
import { readSource } from '../../schema/commands/sources.ts'
import { makeObjects } from '../../schema/render-sql.ts'
import { toStatement } from '../../sql/classify.ts'
import { type History, readHistory } from '../review/read-history.ts'

/**
 * The live schemas as files whose statements make them: what is there is judged by the same rules as what is written. The line of a finding is
 * the number of the statement. Rejects with ToolError.
 */
export async function readLiveHistories(context: Context): Promise<ReadonlyMap<string, History>> {
  const schemas = await readSource(context, { type: 'live' })
  return new Map(
    schemas.map(({ database: { name }, snapshot }) => {
      const file = `live schema of ${name}`
      const texts = makeObjects(snapshot.objects, { definers: false }).map(({ text }) => text)
      const statements = texts.map((text, index) =>
        toStatement({ type: 'statement', text, source: text, file, line: index + 1, column: 1 }, index),
      )
      const migration: Migration = {
        database: name,
        version: '0',
        name: 'live',
        kind: 'versioned',
        file,
        checksum: '',
        requires: [],
        conditions: [],
        accepted: [],
        up: { type: 'statements', statements },
        down: null,
      }
      return [name, readHistory(name, [{ migration, up: statements, down: null, partial: false }])]
    }),
  )
}

import { expect, test } from 'vitest'
import type { Context } from '../../../src/command/context.ts'
import { normalizeTable } from '../../../src/ddl/definitions/normal-form.ts'
import type { SchemaSnapshot } from '../../../src/ddl/snapshot.ts'
import { settleRenames } from '../../../src/schema/drift/settle-renames.ts'
import { offlineContext } from '../../helpers/tool/offline-context.ts'

function schemaOf(...columns: readonly string[]): SchemaSnapshot {
  const text = `CREATE TABLE \`t\` (\n  ${columns.map((name) => `\`${name}\` int DEFAULT NULL`).join(',\n  ')}\n) ENGINE=InnoDB`
  const objects = [normalizeTable('t', text, { collations: new Map(), databases: new Map() })]
  return { format: 1, database: 'app', charset: 'utf8mb4', collation: 'utf8mb4_0900_ai_ci', objects }
}

/** A context whose person gives these answers, one after the other. */
function answering(answers: readonly string[]): { readonly context: Context; readonly asked: string[] } {
  const [context, asked, left] = [offlineContext('.'), [] as string[], [...answers]]
  const ask = async (question: string): Promise<string | null> => {
    asked.push(question)
    return left.shift() ?? null
  }
  return { context: { ...context, process: { ...context.process, ask } }, asked }
}

const pairs = [{ before: schemaOf('id', 'x', 'z'), after: schemaOf('id', 'y', 'z') }]
const nothing = { rename: [], notRenamed: [] }

test('a person answers for each pair, and is asked again where the answer is neither', async () => {
  const { context, asked } = answering(['perhaps', 'r'])
  const renames = await settleRenames(context, pairs, nothing)
  expect(renames.get('app')?.columns.get('t')).toEqual(new Map([['x', 'y']]))
  expect(asked).toHaveLength(2)
  expect(asked[0]).toContain('The column `x` of `t` of `app` is missing, and `y` with the same type is new.')
  const dropped = await settleRenames(answering(['d']).context, pairs, nothing)
  expect(dropped.get('app')?.columns.size).toBe(0)
})

test('without an answer it stops, with the flags of both', async () => {
  await expect(settleRenames(answering([]).context, pairs, nothing)).rejects.toMatchObject({
    code: 'RENAME_UNCLEAR',
    exitCode: 2,
    faults: [{ next: expect.stringMatching(/`--rename t\.x=y`.*`--not-renamed t\.x=y`/) }],
  })
})

test('one that is gone may have become one of several: each is answered', async () => {
  const several = [{ before: schemaOf('id', 'x'), after: schemaOf('id', 'y', 'w') }]
  const { context, asked } = answering(['d', 'renamed'])
  const renames = await settleRenames(context, several, nothing)
  expect(asked).toHaveLength(2)
  expect(renames.get('app')?.columns.get('t')).toEqual(new Map([['x', 'w']]))
})

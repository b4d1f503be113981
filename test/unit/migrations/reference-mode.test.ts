import { expect, test } from 'vitest'
import type { Config } from '../../../src/config/config.ts'
import { ToolError } from '../../../src/core/tool-error.ts'
import { resolveReferences } from '../../../src/migrations/plan/database-state.ts'
import { configOf, databaseOf } from '../../helpers/migrations/engine.ts'

const elsewhere = databaseOf('b', { server: { ...databaseOf('b').server, label: 'other:3306' } })

function resolve(references: Config['references'], recorded: string | null, shared: boolean): string {
  const config = configOf(['a', 'b'], { references })
  const databases = shared ? config.databases : [databaseOf('a'), elsewhere]
  const settings = new Map(recorded === null ? [] : [['references', recorded]])
  const fresh = { database: databaseOf('a'), snapshot: { exists: false, passes: [], rows: [], settings: new Map() } }
  const used = { database: databaseOf('b'), snapshot: { exists: true, passes: [], rows: [], settings } }
  try {
    return resolveReferences({ ...config, databases }, [fresh, used])
  } catch (error) {
    if (error instanceof ToolError) return `${error.code} ${error.exitCode}`
    throw error
  }
}

test('auto comes to logical where a database is a keyspace, unless physical ones were recorded', () => {
  const vitess = { journal: 'a', ddlStrategy: 'vitess' } as const
  const config = { ...configOf(['a', 'b']), databases: [databaseOf('a', { vitess }), databaseOf('b', { vitess })] }
  const modeOf = (recorded: readonly (readonly [string, string])[]): string =>
    resolveReferences(config, [
      {
        database: databaseOf('a'),
        snapshot: { exists: true, passes: [], rows: [], settings: new Map(recorded) },
      },
    ])
  expect(config.references).toBe('auto')
  expect(modeOf([])).toBe('logical')
  expect(modeOf([['references', 'physical']])).toBe('physical')
})

test.each([
  ['auto', null, true, 'physical'],
  ['auto', null, false, 'logical'],
  ['physical', null, false, 'physical'],
  ['logical', null, true, 'logical'],
  ['auto', 'physical', true, 'physical'],
  ['auto', 'logical', true, 'logical'],
  ['auto', 'logical', false, 'logical'],
  ['auto', 'physical', false, 'REFERENCES_CHANGED 78'],
  ['physical', 'logical', true, 'REFERENCES_CHANGED 78'],
  ['logical', 'physical', true, 'REFERENCES_CHANGED 78'],
  ['physical', 'physical', true, 'physical'],
  ['logical', 'logical', true, 'logical'],
  ['logical', 'nonsense', true, 'logical'],
] as const)('%s, with %s recorded, on one server: %s, comes to %s', (references, recorded, shared, result) => {
  expect(resolve(references, recorded, shared)).toBe(result)
})

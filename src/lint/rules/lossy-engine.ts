import { readAlterations, readTableOption } from '../../sql/clauses.ts'
import { firstTableMayHaveData } from '../existing-data.ts'
import type { HazardRule } from '../rule.ts'

export const lossyEngine: HazardRule = {
  code: 'LOSSY_ENGINE',
  kind: 'destructive',
  title: '`ALTER TABLE ... ENGINE = BLACKHOLE` or `MEMORY`',
  find: (tokens, statement, context) => {
    const engines = readAlterations(tokens).map((clause) => readTableOption(clause, 'ENGINE'))
    const engine = engines.find((name) => name === 'BLACKHOLE' || name === 'MEMORY' || name === 'HEAP')
    if (engine === undefined || engine === null || !firstTableMayHaveData(statement, context)) return []
    return [
      {
        why:
          engine === 'BLACKHOLE'
            ? 'A BLACKHOLE table stores no rows: all existing rows are lost.'
            : `A ${engine} table loses its rows when the server restarts.`,
        instead: 'Keep the table in InnoDB.',
      },
    ]
  },
}

import { expect, test } from 'vitest'
import { readyStatement } from '../../../src/migrations/execute/ready-statement.ts'
import { digestDefinitions } from '../../../src/migrations/execute/recover.ts'
import { makeRows } from '../../../src/migrations/execute/step-rows.ts'
import type { StepRun } from '../../../src/migrations/execute/work.ts'
import { makeStep } from '../../../src/migrations/plan/decide-steps.ts'
import type { Session } from '../../../src/migrations/ports.ts'
import type { ObjectName } from '../../../src/sql/statement.ts'
import { migrationOf, scriptOf } from '../../helpers/migrations/engine.ts'
import { statementOf } from '../../helpers/migrations/statements.ts'

const texts = [
  'TRUNCATE TABLE a',
  'ALTER TABLE b ADD COLUMN c INT',
  'CREATE TABLE d (id INT)',
  'INSERT INTO e VALUES (1)',
]

const readDefinitions = async (objects: readonly ObjectName[], identity: boolean) =>
  objects.map(({ name }) => (name === 'd' ? null : `definition of ${name}${identity ? '\n#7' : ''}`))

test.each([[texts], [texts.toReversed()], [texts.slice(1)], [texts.slice(0, 1)]])(
  'a recovery that reads the objects as a row says finds the fingerprint of that row: %j',
  async (chosen) => {
    const run: StepRun = {
      step: makeStep(migrationOf('app/1', { up: scriptOf(chosen) }), 'apply', 0),
      pass: 1,
      resumption: null,
    }
    const members = chosen.map((text, index) => {
      const statement = statementOf(text, index)
      return { run, ready: readyStatement(statement, statement, new Map(), new Set()) }
    })
    const rows = await makeRows(members, { readDefinitions } as Partial<Session> as Session)
    for (const row of rows.filter(({ fingerprint }) => fingerprint !== null)) {
      const present = digestDefinitions(row.objects, await readDefinitions(row.objects, row.identity))
      expect(present, row.summary).toBe(row.fingerprint)
    }
    expect(rows.filter(({ fingerprint }) => fingerprint !== null)).toHaveLength(
      chosen.filter((text) => !text.startsWith('INSERT')).length,
    )
  },
)

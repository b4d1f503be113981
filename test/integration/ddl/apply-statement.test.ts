import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { applyStatement } from '../../../src/ddl/apply-statement.ts'
import { normalizeTable } from '../../../src/ddl/definitions/normal-form.ts'
import { findObject, nothingKnown, type Schema } from '../../../src/ddl/schema.ts'
import type { Table } from '../../../src/ddl/table.ts'
import type { Statement } from '../../../src/sql/statement.ts'
import { statementOf } from '../../helpers/migrations/statements.ts'
import { changeChoice, makeChange } from '../../helpers/schema/random-changes.ts'
import { randomSchema } from '../../helpers/schema/random-schema.ts'
import { schemaRuns, schemaTimeout } from '../../helpers/schema/runs.ts'
import { openSnapshotFixture, type SnapshotFixture } from '../../helpers/schema/snapshots.ts'
import { tableFacts } from '../../helpers/schema/table-facts.ts'
import { testServerOf } from '../../helpers/servers/servers.ts'

const context = {
  collations: new Map([
    ['utf8mb4', 'utf8mb4_0900_ai_ci'],
    ['latin1', 'latin1_swedish_ci'],
  ]),
  databases: new Map(),
}

/** Changes that are tried on each random table. */
const changesOfTable = 8

function tableOf(schema: Schema, name: string): Table {
  const found = findObject(schema, { schema: null, name })
  if (found.type !== 'table') throw new Error(`${name} is ${found.type}`)
  return found.table
}

describe.each(['9.7', '8.0'] as const)('a table that a text defines, on MySQL %s', (version) => {
  const isNewer = version !== '8.0'
  let fixture: SnapshotFixture
  let [accepted, refused] = [0, 0]

  beforeAll(async () => {
    fixture = await openSnapshotFixture(await testServerOf(version))
  })

  afterAll(async () => {
    await fixture.close()
  })

  /** The server's own text of a table, read as a statement, and as a snapshot has it in parts. */
  async function readBack(name: string): Promise<{ readonly written: Table; readonly printed: Table }> {
    const { rows } = await fixture.connection.ask(`SHOW CREATE TABLE \`${name}\``)
    const text = String(rows[0]?.[1])
    return {
      written: tableOf(applyStatement(nothingKnown, statementOf(text)), name),
      printed: normalizeTable(name, text, context),
    }
  }

  /** What a statement makes of a table that the server printed. */
  function changePrinted(table: Table, text: string): Table {
    const before: Schema = { ...nothingKnown, states: new Map([[`\u0000${table.name}`, { type: 'table', table }]]) }
    return tableOf(applyStatement({ ...before, isPlanned: () => false }, statementOf(text)), table.name)
  }

  async function isAccepted(text: string): Promise<boolean> {
    try {
      await fixture.connection.run(text)
      accepted += 1
      return true
    } catch {
      refused += 1
      return false
    }
  }

  test(
    'is after every change what the server makes of it',
    async () => {
      await fc.assert(
        fc.asyncProperty(
          randomSchema(1, isNewer),
          fc.array(changeChoice(isNewer), { minLength: changesOfTable, maxLength: changesOfTable }),
          async ({ statements: [create = ''] }, choices) => {
            await fixture.empty()
            await fixture.make(['CREATE TABLE parent (id BIGINT UNSIGNED PRIMARY KEY)'])
            let schema: Schema = nothingKnown
            const follow = (text: string): Statement => {
              const statement = statementOf(text)
              schema = applyStatement(schema, statement)
              return statement
            }
            await fixture.make([create])
            const name = follow(create).objects[0]?.name ?? ''
            let { written, printed } = await readBack(name)
            const expectSame = (table: Table, text: string): void => {
              expect(tableFacts(table, isNewer), text).toEqual(tableFacts(printed, isNewer))
            }
            expectSame(tableOf(schema, name), create)
            expectSame(written, create)
            for (const [serial, choice] of choices.entries()) {
              const text = makeChange(tableOf(schema, name), choice, serial)
              if (!(await isAccepted(text))) continue
              const changed = changePrinted(printed, text)
              follow(text)
              ;({ written, printed } = await readBack(name))
              expectSame(tableOf(schema, name), text)
              expectSame(written, text)
              expectSame(changed, text)
            }
          },
        ),
        schemaRuns(16, 260),
      )
      console.error(`MySQL ${version}: ${accepted} changes followed, ${refused} refused by the server`)
      expect(accepted).toBeGreaterThan(refused / 4)
    },
    schemaTimeout,
  )
})

import { expect } from 'vitest'
import { testServerOf } from '../servers/servers.ts'
import { migration, type Stage, type withStages } from '../tool/stage.ts'
import type { TestTool } from './stand-in.ts'

/** A tool that copies by the binary log and swaps by itself. */
export type LogToolName = 'gh-ost' | 'spirit'

export const orders: string = migration(
  'CREATE TABLE orders (id INT PRIMARY KEY AUTO_INCREMENT, code VARCHAR(20) NOT NULL, n INT, note TEXT, KEY n (n));',
  'DROP TABLE orders;',
)

/** The tables of a stage that are not wwdb's. */
export async function ownTables(stage: Stage): Promise<readonly string[]> {
  return (await stage.query('SHOW TABLES')).map(([name]) => String(name)).filter((name) => !name.startsWith('wwdb_'))
}

export const flat = (text: string): string => text.replace(/\s+/g, ' ')

/** What the tests of every such tool do with it. */
export interface LogToolStages {
  /** A stage with a table `orders` of rows, and a migration 0002 that changes it online. */
  readonly prepare: (alter: string, rows?: number, configuration?: object) => Promise<Stage>
  readonly migrate: (stage: Stage, more?: Readonly<Record<string, string>>) => ReturnType<Stage['run']>
  /** The change is recorded, and the table as it was is all that is left. */
  readonly expectDone: (stage: Stage) => Promise<void>
}

export function stagesOfLogTool(
  openStage: ReturnType<typeof withStages>,
  name: LogToolName,
  tool: () => TestTool,
): LogToolStages {
  return {
    prepare: async (alter, rows = 3000, configuration = {}) => {
      const { url } = await testServerOf('9.7')
      const stage = await openStage({
        url,
        files: { 'app/0001_orders.sql': orders },
        configuration: { online: { inplace: '0', tool: name }, ...configuration },
      })
      expect(await stage.run(['migrate', '--yes'])).toMatchObject({ exitCode: 0 })
      await fill(stage, rows)
      stage.write('app/0002_change.sql', migration(`-- wwdb:online\n${alter};`, 'SELECT 1;'))
      return stage
    },
    migrate: (stage, more = {}) =>
      stage.run(['migrate', '--yes', '--drift', 'off', '--no-probe'], {
        environment: { ...tool().variables, ...more },
      }),
    expectDone: async (stage) => {
      expect(await ownTables(stage)).toEqual([expect.stringMatching(/^_hold_\d{8}_[0-9a-f]{8}_orders$/), 'orders'])
      expect(await stage.query("SELECT state FROM wwdb_journal WHERE version = '0002' AND state <> 'failed'")).toEqual([
        ['closed'],
      ])
      expect(await stage.query("SELECT state FROM wwdb_online WHERE state <> 'removed'")).toEqual([['held']])
    },
  }
}

async function fill(stage: Stage, rows: number): Promise<void> {
  await stage.query(
    `INSERT INTO orders (code, n, note) WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < ${Math.min(rows, 1000)}) SELECT CONCAT('code ', i), i, REPEAT('x', 30) FROM s`,
  )
  for (let count = 1000; count < rows; count *= 2)
    await stage.query(`INSERT INTO orders (code, n, note) SELECT code, n, note FROM orders LIMIT ${rows - count}`)
}

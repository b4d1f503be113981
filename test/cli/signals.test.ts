import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { describe, expect, test } from 'vitest'
import { nameLock } from '../../src/mysql/lock.ts'
import { createSchema } from '../helpers/servers/schema.ts'
import { configuration, withProjects } from '../helpers/tool/project.ts'
import { runTool, startTool } from '../helpers/tool/tool.ts'

const project = withProjects()

interface Gate {
  readonly cwd: string
  readonly url: string
  readonly schema: string
  /** Lets the second statement pass. */
  readonly open: () => Promise<void>
}

/** A project of three statements, the second of which waits at a locked row, in a schema of the test's own. */
async function withGate(use: (gate: Gate) => Promise<void>): Promise<void> {
  const { url, name, drop } = await createSchema('signal')
  const up = [
    'CREATE TABLE done (id INT AUTO_INCREMENT PRIMARY KEY, note TEXT);',
    "INSERT INTO done (note) SELECT 'second' FROM gate WHERE id = 1 FOR UPDATE;",
    "INSERT INTO done (note) VALUES ('third');",
  ]
  const cwd = project({
    'wwdb.config.json': configuration(url),
    'migrations/app/20260101000000_slow.sql': `-- migrate:up\n${up.join('\n')}\n-- migrate:down\nDROP TABLE done;\n`,
  })
  const keeper = await createConnection({ uri: url })
  try {
    await keeper.query('CREATE TABLE gate (id INT PRIMARY KEY)')
    await keeper.query('INSERT INTO gate VALUES (1)')
    await keeper.query('BEGIN')
    await keeper.query('SELECT id FROM gate FOR UPDATE')
    await use({ cwd, url, schema: name, open: async () => void (await keeper.query('COMMIT')) })
  } finally {
    await keeper.end()
    await drop()
  }
}

async function notes(url: string): Promise<readonly string[]> {
  const connection = await createConnection({ uri: url })
  try {
    const [rows] = await connection.query<RowDataPacket[]>('SELECT note FROM done ORDER BY id')
    return rows.map((row) => String(row['note']))
  } finally {
    await connection.end()
  }
}

function lastLine(stdout: string): unknown {
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')
}

describe('a signal during a run', () => {
  test('once: the statement under way is finished, the next is not begun, the next run continues', async () => {
    await withGate(async ({ cwd, url, open }) => {
      const tool = startTool(['migrate', '--json'], { cwd })
      await tool.says('stdout', '"statement":1')
      tool.child.kill('SIGINT')
      await tool.says('stdout', '"how":"after-statement"')
      await open()
      const run = await tool.ended
      expect(run.exitCode).toBe(130)
      expect(lastLine(run.stdout)).toMatchObject({ type: 'result', exitCode: 130, outcomes: [{ state: 'stopped' }] })
      expect(await notes(url)).toEqual(['second'])
      expect(await runTool(['migrate'], { cwd })).toMatchObject({ exitCode: 0 })
      expect(await notes(url)).toEqual(['second', 'third'])
    })
  })

  test('twice: the statement under way is killed, and runs once in the next run', async () => {
    await withGate(async ({ cwd, url, open }) => {
      const tool = startTool(['migrate', '--json'], { cwd })
      await tool.says('stdout', '"statement":1')
      tool.child.kill('SIGTERM')
      await tool.says('stdout', '"how":"after-statement"')
      tool.child.kill('SIGTERM')
      const run = await tool.ended
      expect(run.exitCode).toBe(143)
      expect(run.stdout).toContain('"how":"kill"')
      expect(await notes(url)).toEqual([])
      await open()
      expect(await runTool(['migrate'], { cwd })).toMatchObject({ exitCode: 0 })
      expect(await notes(url)).toEqual(['second', 'third'])
    })
  })

  test('says at once what it will do, and how to hurry it', async () => {
    await withGate(async ({ cwd, open }) => {
      const tool = startTool(['migrate', '--verbose'], { cwd })
      await tool.says('stderr', 'INSERT')
      tool.child.kill('SIGINT')
      await tool.says('stderr', 'again')
      await open()
      expect(await tool.ended).toMatchObject({ exitCode: 130 })
    })
  })

  test('while it waits for the lock: it ends at once', async () => {
    await withGate(async ({ cwd, url, schema }) => {
      const holder = await createConnection({ uri: url })
      try {
        await holder.query('SELECT GET_LOCK(?, 0)', [nameLock(schema)])
        const tool = startTool(['migrate', '--json', '--lock-timeout', '10m'], { cwd })
        await tool.says('stdout', '"type":"lock-waiting"')
        tool.child.kill('SIGINT')
        expect(await tool.ended).toMatchObject({ exitCode: 130 })
      } finally {
        await holder.end()
      }
    })
  })
})

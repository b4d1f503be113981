import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { execPath } from 'node:process'
import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { describe, expect, test } from 'vitest'
import { createSchema, type TestSchema } from '../helpers/servers/schema.ts'
import { TerminalScreen } from '../helpers/terminal/terminal-screen.ts'
import { configuration, withProjects } from '../helpers/tool/project.ts'
import { cleanEnvironment, launcher, runTool } from '../helpers/tool/tool.ts'

const project = withProjects()

/** How every severe question ends. */
const question = 'to continue: '

interface TerminalRun {
  readonly exitCode: number | null
  readonly screen: string
}

/** Runs the tool on a terminal of its own, where somebody types this when a question is asked. */
async function runOnTerminal(
  args: readonly string[],
  cwd: string,
  typed: string,
  columns: number | null = null,
): Promise<TerminalRun> {
  const words = [execPath, launcher, ...args].map((word) => `'${word}'`).join(' ')
  const command = columns === null ? words : `stty cols ${columns} rows 24; exec ${words}`
  const environment = cleanEnvironment({ TERM: 'xterm' })
  const terminal = spawn('script', ['-qec', command, '/dev/null'], {
    cwd,
    env: environment,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let screen = ''
  terminal.stdout.setEncoding('utf8').on('data', (text: string) => {
    const asked = screen.includes(question)
    screen += text
    if (!asked && screen.includes(question)) terminal.stdin.write(typed)
  })
  const [exitCode] = await once(terminal, 'close')
  return { exitCode, screen }
}

async function withProject(use: (cwd: string, schema: TestSchema) => Promise<void>, more: object = {}): Promise<void> {
  const schema = await createSchema('prompt')
  const cwd = project({ 'wwdb.config.json': configuration(schema.url, more) })
  try {
    await use(cwd, schema)
  } finally {
    await schema.drop()
  }
}

async function exists({ server, name }: TestSchema): Promise<boolean> {
  const connection = await createConnection({ uri: server.url })
  try {
    const [rows] = await connection.query<RowDataPacket[]>('SHOW DATABASES LIKE ?', [name])
    return rows.length === 1
  } finally {
    await connection.end()
  }
}

describe('a severe question on a terminal', () => {
  test('is answered by typing the name', async () => {
    await withProject(async (cwd, schema) => {
      const { exitCode, screen } = await runOnTerminal(['db', 'drop'], cwd, `${schema.name}\n`)
      expect(screen).toContain(`Type ${schema.name} to continue:`)
      expect(exitCode).toBe(0)
      expect(await exists(schema)).toBe(false)
    })
  })

  test.each([40, 80])('is broken between words on a terminal of %i columns', async (columns) => {
    await withProject(async (cwd, schema) => {
      const { exitCode, screen } = await runOnTerminal(['db', 'drop'], cwd, `${schema.name}\n`, columns)
      expect(exitCode).toBe(0)
      const shown = new TerminalScreen(columns)
      // What is typed behind it may be wider than the rest of its line.
      shown.write(screen.slice(0, screen.indexOf(question) + question.length))
      expect(shown.wraps).toBe(0)
      const asked = screen.slice(0, screen.indexOf(question)).replace(/\s+/g, ' ')
      expect(asked).toContain(`Type ${schema.name}`)
      for (const word of asked.trim().split(' ')) expect(shown.text).toContain(word)
    })
  })

  test('another answer leaves everything as it was', async () => {
    await withProject(async (cwd, schema) => {
      const { exitCode, screen } = await runOnTerminal(['db', 'drop'], cwd, 'yes\n')
      expect(exitCode).toBe(2)
      expect(screen).toContain('NOT_CONFIRMED')
      expect(await exists(schema)).toBe(true)
    })
  })

  test('Ctrl-C is the signal that it always is', async () => {
    await withProject(async (cwd, schema) => {
      const { exitCode } = await runOnTerminal(['db', 'drop'], cwd, '\u0003')
      expect(exitCode).toBe(130)
      expect(await exists(schema)).toBe(true)
    })
  })

  test('--no-input does not ask even there', async () => {
    await withProject(async (cwd, schema) => {
      const { exitCode, screen } = await runOnTerminal(['db', 'drop', '--no-input'], cwd, `${schema.name}\n`)
      expect(exitCode).toBe(2)
      expect(screen).toContain(`--confirm ${schema.name}`)
      expect(await exists(schema)).toBe(true)
    })
  })
})

describe('without a terminal', () => {
  test('what is piped in is no answer', async () => {
    await withProject(async (cwd, schema) => {
      const run = await runTool(['db', 'drop'], { cwd, input: `${schema.name}\n` })
      expect(run.exitCode).toBe(2)
      expect(await exists(schema)).toBe(true)
    })
  })

  test('--yes is not enough, --confirm NAME is', async () => {
    await withProject(async (cwd, schema) => {
      expect(await runTool(['db', 'drop', '--yes'], { cwd })).toMatchObject({ exitCode: 2 })
      expect(await exists(schema)).toBe(true)
      expect(await runTool(['db', 'drop', '--confirm', schema.name], { cwd })).toMatchObject({ exitCode: 0 })
      expect(await exists(schema)).toBe(false)
    })
  })

  test('a protected environment wants --allow-protected as well', async () => {
    const schema = await createSchema('prompt')
    const environments = { production: { protected: true, databases: { app: { url: schema.url } } } }
    const cwd = project({ 'wwdb.config.json': configuration(schema.url, { environments }) })
    try {
      const args = ['db', 'drop', '--env', 'production', '--confirm', schema.name]
      const refused = await runTool(args, { cwd })
      expect(refused.exitCode).toBe(2)
      expect(refused.stderr).toContain('--allow-protected')
      expect(await exists(schema)).toBe(true)
      expect(await runTool([...args, '--allow-protected'], { cwd })).toMatchObject({ exitCode: 0 })
      expect(await exists(schema)).toBe(false)
    } finally {
      await schema.drop()
    }
  })
})

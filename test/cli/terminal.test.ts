import { spawn } from 'node:child_process'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { TerminalScreen } from '../helpers/terminal/terminal-screen.ts'

const root = path.join(import.meta.dirname, '../..')

interface Played {
  readonly raw: string
  readonly exitCode: number | null
}

/**
 * Plays the scripted run in a pseudo terminal of util-linux's `script`.
 * @param interruptAt Ctrl-C is pressed, as a key, when the output holds this
 */
function play(columns: number, argument: string, interruptAt: string | null = null): Promise<Played> {
  const jiti = 'node_modules/jiti/lib/jiti-cli.mjs'
  const command = `stty cols ${columns} rows 24; exec "${process.execPath}" ${jiti} test/helpers/terminal/play-run.ts ${argument}`
  const child = spawn('script', ['-qefc', command, '/dev/null'], {
    cwd: root,
    env: { PATH: process.env['PATH'], TERM: 'xterm', SHELL: '/bin/sh' },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  return new Promise((resolve, reject) => {
    let raw = ''
    let interrupted = false
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      raw += chunk
      if (interruptAt === null || interrupted || !raw.includes(interruptAt)) return
      interrupted = true
      child.stdin.write('\u0003')
    })
    child.once('error', reject)
    child.once('close', (exitCode) => resolve({ raw, exitCode }))
  })
}

/** What is left on the screen in the end. */
function showOn(columns: number, raw: string): TerminalScreen {
  const screen = new TerminalScreen(columns)
  screen.write(raw)
  return screen
}

describe.concurrent('in a real terminal', () => {
  test.each([80, 200])('in %i columns no line wraps, and what moved is gone in the end', async (columns) => {
    const { raw, exitCode } = await play(columns, '')
    expect(exitCode).toBe(0)
    expect(raw).toContain('waiting for the lock of connection 4711')
    const screen = showOn(columns, raw)
    expect(screen.wraps).toBe(0)
    expect(screen.text).not.toContain('waiting for')
    expect(screen.text.split('\n').at(-1)).toMatch(/^3 databases: 2 done, 1 with nothing to do; /u)
  })

  test('Ctrl-C reaches the program while lines move, and the run says what it does about it', async () => {
    const { raw, exitCode } = await play(80, '--wait', 'blocked by connection 99')
    expect(exitCode).toBe(130)
    expect(showOn(80, raw).text).toContain('Stopping after the current statement; press Ctrl-C again to kill it.')
  })

  test('in 0 columns nothing moves, Ctrl-C works, and it ends', async () => {
    const { raw, exitCode } = await play(0, '--wait', 'is blocked by connection 99')
    expect(exitCode).toBe(130)
    expect(raw).not.toContain('\u001b[J')
    expect(raw.length).toBeLessThan(5000)
  })
})

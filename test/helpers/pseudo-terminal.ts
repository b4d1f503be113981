import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { execPath } from 'node:process'
import { cleanEnvironment, launcher } from './tool.ts'

export interface TerminalRun {
  readonly exitCode: number | null
  /** All that was written to the terminal, in order. */
  readonly screen: string
}

/** Runs the built tool on a terminal of its own (util-linux's `script`), where an answer is typed when a question is asked. */
export async function runOnTerminal(
  args: readonly string[],
  cwd: string,
  answer: { readonly question: string; readonly typed: string },
): Promise<TerminalRun> {
  const command = [execPath, launcher, ...args].map((word) => `'${word}'`).join(' ')
  const terminal = spawn('script', ['-qec', command, '/dev/null'], {
    cwd,
    env: cleanEnvironment({ TERM: 'xterm' }),
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let screen = ''
  terminal.stdout.setEncoding('utf8').on('data', (text: string) => {
    const asked = screen.includes(answer.question)
    screen += text
    if (!asked && screen.includes(answer.question)) terminal.stdin.write(answer.typed)
  })
  const [exitCode] = await once(terminal, 'close')
  return { exitCode, screen }
}

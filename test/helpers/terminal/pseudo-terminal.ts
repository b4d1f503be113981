import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { execPath } from 'node:process'
import { cleanEnvironment, launcher } from '../tool/tool.ts'

export interface TerminalRun {
  readonly exitCode: number | null
  /** All that was written to the terminal, in order. */
  readonly screen: string
}

/** Runs the built tool on a terminal of its own (util-linux's `script`), where each answer is typed when its question is asked. */
export async function runOnTerminal(
  args: readonly string[],
  cwd: string,
  ...answers: readonly { readonly question: string; readonly typed: string }[]
): Promise<TerminalRun> {
  const command = [execPath, launcher, ...args].map((word) => `'${word}'`).join(' ')
  const terminal = spawn('script', ['-qec', command, '/dev/null'], {
    cwd,
    env: cleanEnvironment({ TERM: 'xterm' }),
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let screen = ''
  terminal.stdout.setEncoding('utf8').on('data', (text: string) => {
    const asked = answers.map(({ question }) => screen.includes(question))
    screen += text
    for (const [index, { question, typed }] of answers.entries())
      if (asked[index] !== true && screen.includes(question)) terminal.stdin.write(typed)
  })
  const [exitCode] = await once(terminal, 'close')
  return { exitCode, screen }
}

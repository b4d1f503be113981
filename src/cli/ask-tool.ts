import { spawn } from 'node:child_process'
import type { ToolAnswer } from '../command/context.ts'
import type { GlobalOptions } from './globals.ts'
import type { ProcessEnvironment } from './process-environment.ts'

/**
 * Runs the tool again in its own process, as a program would: with `--json`, without questions, and with the configuration, environment, folder
 * and server of this process. The server's URL is passed in a variable: other users can see flags.
 */
export function askTool(
  host: ProcessEnvironment,
  globals: GlobalOptions,
  words: readonly string[],
  signal: AbortSignal,
): Promise<ToolAnswer> {
  const [program = '', ...script] = host.program
  const { url } = globals.settings
  const child = spawn(program, [...script, ...passedOn(globals), ...words], {
    cwd: host.cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...host.environment, ...(typeof url === 'string' ? { WWDB_URL: url } : {}) },
    signal,
    killSignal: 'SIGTERM',
  })
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text
    })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ exitCode: code ?? -1, ...output }))
  })
}

function passedOn({ file, environmentName, cwd, named, settings: { prefix } }: GlobalOptions): readonly string[] {
  return [
    '--json',
    '--no-input',
    ...(file === null ? [] : [`--config=${file}`]),
    ...(environmentName === null ? [] : [`--env=${environmentName}`]),
    ...(cwd === null ? [] : [`--cwd=${cwd}`]),
    ...(typeof prefix === 'string' ? [`--prefix=${prefix}`] : []),
    ...named.map((target) => `--target=${target}`),
  ]
}

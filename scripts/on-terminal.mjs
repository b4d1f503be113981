// The built tool in a folder: run for its output, and run on a terminal of its own (util-linux's `script`) for what a person sees.
import { execFileSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { env, execPath } from 'node:process'
import { fileURLToPath } from 'node:url'
import { readScreen } from './terminal-screen.mjs'

const launcher = join(dirname(dirname(fileURLToPath(import.meta.url))), 'bin/wwdb.js')

export function run(folder, variables, words) {
  return execFileSync(execPath, [launcher, ...words], { cwd: folder, env: { ...env, ...variables }, encoding: 'utf8' })
}

/** The last screen of a command, as lines of spans, below the line that a person typed. */
export function recordCommand(folder, variables, words, columns) {
  const command = `'${execPath}' '${launcher}' ${words}`
  const { CI: _ci, NO_COLOR: _color, ...others } = env
  const text = execFileSync('script', ['-qec', `stty cols ${columns} rows 50; exec ${command}`, '/dev/null'], {
    cwd: folder,
    env: { ...others, TERM: 'xterm', FORCE_COLOR: '1', ...variables },
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const prompt = [
    { text: '$ ', tone: 'faint' },
    { text: `wwdb ${words}`, tone: 'strong' },
  ]
  return [prompt, ...readScreen(text)]
}

/** Starts a sandbox in the folder, and ends and removes it behind `use`, which gets the variables that make wwdb use it. */
export async function withSandbox(folder, port, use) {
  run(folder, {}, ['sandbox', 'up', '--port', String(port)])
  try {
    const exports = run(folder, {}, ['sandbox', 'env']).matchAll(/^export (WWDB_\w+)='(.*)'$/gm)
    return await use(Object.fromEntries([...exports].map(([, name, value]) => [name, value])))
  } finally {
    run(folder, {}, ['sandbox', 'down', '--remove', '--yes'])
  }
}

// npm run demo: builds the tool, brings up a real MySQL, creates the five databases, applies every migration, makes the
// shards that will be needed next, seeds roles and permissions, shows where all stands, and leaves the server up. Run again, it finds everything done.
import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { env, execPath, exit } from 'node:process'
import { fileURLToPath } from 'node:url'
import { build } from './build.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Runs the built tool in the project's folder; stdin is empty, so it can never wait for an answer. */
function wwdb(words, environment, stdout = 'inherit') {
  const child = spawn(execPath, [join(root, 'bin', 'wwdb.js'), ...words], {
    cwd: root,
    env: { ...env, ...environment },
    stdio: ['ignore', stdout, 'inherit'],
  })
  let answer = ''
  child.stdout?.setEncoding('utf8').on('data', (text) => {
    answer += text
  })
  return new Promise((settle, reject) => {
    child.once('error', reject)
    child.once('close', (code) => settle({ code: code ?? 130, answer }))
  })
}

/** Shows a command as one would type it, runs it, and ends here if it fails. */
async function step(words, environment = {}) {
  console.log(`\n$ wwdb ${words.join(' ')}`)
  const { code } = await wwdb(words, environment)
  if (code !== 0) exit(code)
}

// The tool under us takes Ctrl-C and ends cleanly; we end with it.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => undefined)

await build()
await step(['sandbox', 'up'])
const { answer } = await wwdb(['sandbox', 'status', '--json'], {}, 'pipe')
const sandbox = JSON.parse(answer)
const { answer: lines } = await wwdb(['sandbox', 'env'], {}, 'pipe')
const variables = Object.fromEntries(
  [...lines.matchAll(/^export (WWDB_\w+)='(.*)'$/gm)].map(([, name, value]) => [name, value]),
)
// A given server's URL may hold a password, which the tool does not repeat.
if (variables.WWDB_URL === undefined) variables.WWDB_URL = env.WWDB_SANDBOX_URL
await step(['db', 'create'], variables)
await step(['migrate'], variables)
await step(['rotate', 'run'], variables)
await step(['seed'], variables)
await step(['status'], variables)

const client = sandbox.next.find((line) => line.includes('mysql'))
console.log(`
The server stays up. To look around:

  eval "$(npx wwdb sandbox env)"     # this shell uses the sandbox
  npx wwdb status
  npx wwdb shards list
  npx wwdb history${client ? `\n  ${client} user_db -e 'SHOW TABLES'` : ''}

npx wwdb sandbox down stops it and keeps its data; with --remove the data goes too.`)

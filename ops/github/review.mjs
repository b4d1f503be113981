// The step of action.yml: reviews the migrations that a job has, plans them where an environment is named, writes annotations, a summary, a
// SARIF file and a comment. Nothing is left in the work tree: files are in RUNNER_TEMP. Ends with the exit code of `wwdb lint`, else of `wwdb plan`.
import { spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { appendFileSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process, { cwd, env, exit, stdout } from 'node:process'
import { writeComment } from './comment.mjs'
import { findBase } from './find-base.mjs'
import { findWwdb } from './find-wwdb.mjs'

/** The environment of a step: each input of the action under its own name. */
const { SINCE = '', DIRECTORY = '.', ENVIRONMENT = '', URL: url = '', WARNINGS = '', COMMENT = '', TOKEN = '' } = env
// What runs below may be code of the pull request: packages that npx installs, hooks, migrations in TypeScript.
delete env.TOKEN

const say = (text) => stdout.write(`${text}\n`)
const event = readEvent()
const { words, note } = findWwdb(cwd(), env.WWDB ?? '')
if (note !== null) say(`::notice::${note}`)
const { base, failure } = findBase(SINCE, event)
if (failure !== null) {
  say(`::error::${failure}`)
  exit(2)
}
if (base === null) say('::notice::There is nothing to compare with: all files are reviewed.')
const lint = review()
const plan = ENVIRONMENT === '' ? null : makePlan()
await publish()
process.exitCode = lint.code === 0 ? (plan?.code ?? 0) : lint.code

function readEvent() {
  const file = env.GITHUB_EVENT_PATH ?? ''
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
}

/** A pull request from a fork has no secrets of the repository: https://docs.github.com/actions/security-guides/using-secrets-in-github-actions */
function isFork() {
  const { head, base: into } = event.pull_request ?? {}
  return head !== undefined && head.repo?.full_name !== into?.repo?.full_name
}

/** Starts wwdb: its exit code, its answer, and what it said of its own failure. A plan of many files is long: the default of Node would cut it. */
function wwdb(...more) {
  const [program, ...first] = words
  const {
    status,
    error,
    stdout: output,
    stderr: failure,
  } = spawnSync(program, [...first, ...more], {
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...env, ...(url === '' ? {} : { WWDB_URL: url }) },
  })
  if (error !== undefined) {
    say(`::error::wwdb could not be started: ${error.message}`)
    exit(2)
  }
  return { code: status ?? 2, output, failure }
}

/** A run that failed (2) or reached no server (69) has judged nothing: the files are judged without a server. */
function review() {
  const since = base === null ? [] : ['--since', base]
  const limit = WARNINGS === '' ? [] : ['--max-warnings', WARNINGS]
  const server = ENVIRONMENT === '' ? (url === '' ? [] : ['--server']) : ['--server', '--env', ENVIRONMENT]
  const first = wwdb('lint', ...since, ...server, ...limit, '--format', 'github')
  const isLost = [2, 69].includes(first.code) && server.length > 0
  if (isLost) say('::warning::No server could be asked: the files were reviewed without one.')
  const judged = isLost ? wwdb('lint', ...since, ...limit, '--format', 'github') : first
  stdout.write(judged.output)
  print(judged.failure)
  const sarif = wwdb('lint', ...since, ...(isLost ? [] : server), '--format', 'sarif')
  // Without secrets no server of ours lets anybody in: that is no fault of the pull request.
  const code = isLost && judged.code === 0 && !isFork() ? first.code : judged.code
  return { code, text: judged.output + judged.failure, sarif: sarif.code > 1 ? null : sarif.output }
}

function makePlan() {
  const made = wwdb('plan', '--env', ENVIRONMENT)
  const text = made.output + made.failure
  print(text)
  if (made.code > 1 && isFork()) {
    say('::warning::There is no plan: a pull request from a fork has no password of the environment.')
    return null
  }
  return { code: made.code, text }
}

/** What holds SQL: no line of it is a command to the runner, which takes `::error::` also behind blanks. */
function print(text) {
  if (text === '') return
  const word = randomUUID()
  stdout.write(`::stop-commands::${word}\n${text}\n::${word}::\n`)
}

async function publish() {
  if (lint.sarif !== null) {
    const file = join(mkdtempSync(join(env.RUNNER_TEMP ?? tmpdir(), 'wwdb-review-')), 'wwdb-lint.sarif')
    writeFileSync(file, lint.sarif)
    tell(env.GITHUB_OUTPUT, `sarif=${file}\n`)
  }
  const place = DIRECTORY === '.' ? '' : ` in \`${DIRECTORY}\``
  const body = [
    `### Review of the migrations${place}`,
    fence(lint.text.replaceAll(/^::.*\n/gm, ''), 50_000),
    ...(plan === null ? [] : ['### Plan', fence(plan.text, 10_000)]),
  ].join('\n\n')
  tell(env.GITHUB_STEP_SUMMARY, `${body}\n`)
  if (COMMENT === '') return
  const about = ENVIRONMENT === '' ? DIRECTORY : `${DIRECTORY} for ${ENVIRONMENT}`
  const refusal = await writeComment({ number: COMMENT, token: TOKEN, about, body })
  if (refusal === null) return
  const level = isFork() ? 'notice' : 'warning'
  say(`::${level}::The comment was not written: ${refusal}. The review is in the summary of the job.`)
}

function tell(file, text) {
  if (file !== undefined && file !== '') appendFileSync(file, text)
}

/** A text that has backticks of its own must not end its block. */
function fence(text, longest) {
  const ticks = '`'.repeat(Math.max(3, ...[...text.matchAll(/`+/g)].map(([found]) => found.length + 1)))
  const cut = text.length > longest ? `${text.slice(0, longest)}\n(cut here: the log of the job has the rest)` : text
  return `${ticks}\n${cut.trimEnd()}\n${ticks}`
}

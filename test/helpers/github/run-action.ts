import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { data, Evaluator, Lexer, Parser } from '@actions/expressions'
import { parse } from 'yaml'
import { cleanEnvironment } from '../tool/tool.ts'

/** What a runner of GitHub knows of a job: https://docs.github.com/actions/reference/variables-reference */
export interface Job {
  /** The clone. */
  readonly workspace: string
  /** `push`, `pull_request`, `merge_group`. */
  readonly eventName: string
  readonly event: object
  /** `refs/pull/7/merge` */
  readonly ref: string
  /** The branch that a pull request goes into. */
  readonly baseRef?: string
  readonly inputs?: Readonly<Record<string, string>>
  /** Of the step that uses the action: `env`. */
  readonly variables?: Readonly<Record<string, string>>
  /** Folders that programs are looked for in first. */
  readonly path?: readonly string[]
}

export interface JobEnd {
  readonly status: number | null
  readonly output: string
  readonly outputs: Readonly<Record<string, string>>
  /** Markdown. */
  readonly summary: string
}

interface Step {
  readonly id?: string
  readonly if?: string
  readonly run: string
  readonly env?: Readonly<Record<string, string>>
  readonly 'working-directory'?: string
}

/**
 * Runs a composite action as a runner does: expressions by GitHub's own library, each step by its shell, files for outputs and summary. What it
 * has not: containers, other operating systems, steps that use other actions.
 * @param file the action's `action.yml`
 */
export async function runAction(file: string, job: Job): Promise<JobEnd> {
  const { inputs: declared, outputs: promised = {}, runs } = parse(readFileSync(file, 'utf8'))
  const temp = mkdtempSync(join(tmpdir(), 'wwdb-runner-'))
  const github = {
    event: job.event,
    event_name: job.eventName,
    ref: job.ref,
    base_ref: job.baseRef ?? '',
    token: 'token-of-the-job',
    action_path: dirname(resolve(file)),
    run_id: '1',
  }
  const inputs: Record<string, string> = {}
  for (const [name, { default: usual = '' }] of Object.entries<{ readonly default?: string }>(declared))
    inputs[name] = job.inputs?.[name] ?? replaceExpressions(usual, { github })
  const steps: Record<string, { outputs: Record<string, string> }> = {}
  const ended = { status: 0 as number | null, output: '', summary: '' }
  for (const step of runs.steps as readonly Step[]) {
    const contexts = { github, inputs, steps, runner: { os: 'Linux', temp } }
    if (step.if !== undefined && evaluate(step.if, contexts) !== 'true') continue
    const { status, output, outputs, summary } = await runStep(step, { job, temp, contexts, file })
    if (step.id !== undefined) steps[step.id] = { outputs }
    ended.output += output
    ended.summary += summary
    ended.status = status
    if (status !== 0) break
  }
  const outputs = Object.entries<{ readonly value: string }>(promised).map(([name, { value }]) => [
    name,
    replaceExpressions(value, { github, inputs, steps }),
  ])
  return { ...ended, outputs: Object.fromEntries(outputs) }
}

interface StepPlace {
  readonly job: Job
  readonly temp: string
  readonly contexts: object
  readonly file: string
}

async function runStep(step: Step, { job, temp, contexts, file }: StepPlace) {
  const files = { GITHUB_OUTPUT: 'output', GITHUB_STEP_SUMMARY: 'summary', GITHUB_EVENT_PATH: 'event.json' }
  for (const name of Object.values(files)) writeFileSync(join(temp, name), '')
  writeFileSync(join(temp, 'event.json'), JSON.stringify(job.event))
  const replaced = Object.entries(step.env ?? {}).map(([name, value]) => [name, replaceExpressions(value, contexts)])
  const clean = cleanEnvironment({
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_ACTION_PATH: dirname(resolve(file)),
    GITHUB_BASE_REF: job.baseRef ?? '',
    GITHUB_EVENT_NAME: job.eventName,
    GITHUB_REF: job.ref,
    GITHUB_REPOSITORY: 'acme/shop',
    GITHUB_WORKSPACE: job.workspace,
    RUNNER_TEMP: temp,
    ...Object.fromEntries(Object.entries(files).map(([variable, name]) => [variable, join(temp, name)])),
    ...job.variables,
    ...Object.fromEntries(replaced),
  })
  const child = spawn('bash', ['--noprofile', '--norc', '-e', '-o', 'pipefail', '-c', step.run], {
    cwd: join(job.workspace, replaceExpressions(step['working-directory'] ?? '.', contexts)),
    env: { ...clean, PATH: [...(job.path ?? []), clean['PATH']].join(':') },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text))
  const status = await new Promise<number | null>((done) => child.once('close', done))
  const lines = readFileSync(join(temp, 'output'), 'utf8').split('\n')
  const outputs = lines.filter((line) => line.includes('=')).map((line) => splitAt(line, line.indexOf('=')))
  return {
    status,
    output,
    outputs: Object.fromEntries(outputs),
    summary: readFileSync(join(temp, 'summary'), 'utf8'),
  }
}

function splitAt(line: string, at: number): readonly [string, string] {
  return [line.slice(0, at), line.slice(at + 1)]
}

function replaceExpressions(text: string, contexts: object): string {
  return String(text).replaceAll(/\$\{\{(.*?)\}\}/g, (_, expression: string) => evaluate(expression, contexts))
}

function evaluate(expression: string, contexts: object): string {
  const { tokens } = new Lexer(expression.trim()).lex()
  const parsed = new Parser(tokens, Object.keys(contexts), []).parse()
  const known: unknown = JSON.parse(JSON.stringify(contexts), data.reviver)
  if (!(known instanceof data.Dictionary)) throw new Error('contexts are an object')
  return new Evaluator(parsed, known).evaluate().coerceString()
}

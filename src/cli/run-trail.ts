import { describeGiven } from '../audit/describe-flags.ts'
import type { RunLedgers } from '../audit/ports.ts'
import { makeRunId, type RunIdentity, readCiJob } from '../audit/run-identity.ts'
import { Trail } from '../audit/trail.ts'
import type { Emit } from '../command/event.ts'
import type { Config } from '../config/config.ts'
import { toolVersion } from '../core/tool-version.ts'
import { camelCase, flagsOf } from './command-entry.ts'
import { globalFlags } from './global-flags.ts'
import { isCommit, readHeadCommit } from './head-commit.ts'
import type { ProcessEnvironment } from './process-environment.ts'
import type { RunInvocation } from './program.ts'

/** What the identity of an invocation needs. */
interface Invoked {
  readonly host: ProcessEnvironment
  readonly invocation: RunInvocation
  readonly runId: string
  readonly secrets: () => readonly string[]
}

/** What its trail needs. */
interface Auditing extends Invoked {
  /** Takes warnings. */
  readonly emit: Emit
  readonly redact: (text: string) => string
  /** Is called before the first change. */
  readonly begin: () => Promise<void>
  readonly config: () => Promise<Config>
  readonly ledgers: () => Promise<RunLedgers>
}

/** Who runs what, and from where. */
export function identityOf({ host, invocation, runId, secrets }: Invoked): RunIdentity {
  return {
    id: runId,
    command: invocation.entry.name,
    flags: describeGiven(givenWords(invocation), secrets()),
    person: host.user,
    host: host.hostname,
    process: host.processId,
    toolVersion,
    ci: readCiJob(host.environment),
  }
}

/** The ID of this process's run; every line of `--json`, every row and every event contains it. */
export function newRunId({ now }: Pick<ProcessEnvironment, 'now'>): string {
  return makeRunId(now())
}

/** The trail of one invocation. */
export function openTrail(auditing: Auditing): Trail {
  const { host, emit, redact, begin, config, ledgers } = auditing
  return new Trail({
    identity: () => identityOf(auditing),
    readCommit: async () => readCiJob(host.environment).commit ?? readCommit(host),
    ledgers,
    emit,
    begin,
    keep: async () => (await config()).audit.keep,
    redact,
  })
}

/** The given values, in the order of help: arguments first. */
function givenWords({ entry, input, globals }: RunInvocation): Parameters<typeof describeGiven>[0] {
  const given = { ...globals, ...input }
  const named = [
    ...entry.arguments.map(({ name }) => ({ flag: '', key: camelCase(name) })),
    ...[...flagsOf(entry), ...flagsOf({ flags: globalFlags })].map(({ long }) => ({
      flag: `--${long}`,
      key: camelCase(long),
    })),
  ]
  const seen = new Set<string>()
  return named.flatMap(({ flag, key }) => {
    const value = given[key]
    if (value === undefined || value === false || seen.has(key)) return []
    seen.add(key)
    return [{ flag, value }]
  })
}

/** The time limit for git in milliseconds. */
const longestWait = 2000

/** The commit of the folder; null where it is in no repository, or git is not installed. */
async function readCommit({ cwd, environment }: ProcessEnvironment): Promise<string | null> {
  const commit = readHeadCommit(cwd, environment)
  return commit === undefined ? askGit(cwd) : commit
}

async function askGit(cwd: string): Promise<string | null> {
  const { execFile } = await import('node:child_process')
  return new Promise((resolve) => {
    execFile('git', ['rev-parse', 'HEAD'], { cwd, timeout: longestWait }, (error, out) => {
      resolve(error === null && isCommit(out.trim()) ? out.trim() : null)
    })
  })
}

import { randomBytes } from 'node:crypto'

/** Who runs what, and from where: the same for every target of a run. */
export interface RunIdentity {
  /** `20261126T154011-3f9a2c1b`: when it began, in UTC, and chance. In the order of time. */
  readonly id: string
  /** `migrate`, `shards protect`. */
  readonly command: string
  /** Its flags and arguments as they were given, without secrets. */
  readonly flags: string
  /** The user of the operating system. */
  readonly person: string
  readonly host: string
  readonly process: number
  readonly toolVersion: string
  readonly ci: CiJob
}

/** What a CI service says about its job; null where it says nothing. */
export interface CiJob {
  /** Who started the job. */
  readonly actor: string | null
  readonly commit: string | null
  /** The address of its log, or its name. */
  readonly job: string | null
}

type Variables = Readonly<Record<string, string | undefined>>

export function makeRunId(now: number): string {
  const time = new Date(now).toISOString().slice(0, 19).replace(/[-:]/g, '')
  return `${time}-${randomBytes(4).toString('hex')}`
}

/** Variables of each CI service, by a variable that only that service sets. Gitea and Forgejo set GitHub's. */
const services: readonly {
  readonly mark: string
  readonly actor: readonly string[]
  readonly commit: readonly string[]
  readonly job: (variables: Variables) => string | null
}[] = [
  {
    mark: 'GITHUB_ACTIONS',
    actor: ['GITHUB_TRIGGERING_ACTOR', 'GITHUB_ACTOR'],
    commit: ['GITHUB_SHA'],
    job: ({ GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run, GITHUB_JOB: job }) =>
      run === undefined ? (job ?? null) : `${server ?? ''}/${repository ?? ''}/actions/runs/${run}`,
  },
  {
    mark: 'GITLAB_CI',
    actor: ['GITLAB_USER_LOGIN', 'GITLAB_USER_NAME'],
    commit: ['CI_COMMIT_SHA'],
    job: (variables) => first(variables, ['CI_JOB_URL', 'CI_JOB_NAME']),
  },
  {
    mark: 'JENKINS_URL',
    actor: ['BUILD_USER_ID', 'CHANGE_AUTHOR'],
    commit: ['GIT_COMMIT'],
    job: (variables) => first(variables, ['BUILD_URL', 'BUILD_TAG']),
  },
  {
    mark: 'CIRCLECI',
    actor: ['CIRCLE_USERNAME'],
    commit: ['CIRCLE_SHA1'],
    job: (variables) => first(variables, ['CIRCLE_BUILD_URL', 'CIRCLE_JOB']),
  },
  {
    mark: 'BUILDKITE',
    actor: ['BUILDKITE_BUILD_CREATOR', 'BUILDKITE_BUILD_CREATOR_EMAIL'],
    commit: ['BUILDKITE_COMMIT'],
    job: (variables) => first(variables, ['BUILDKITE_BUILD_URL', 'BUILDKITE_JOB_ID']),
  },
  {
    mark: 'TF_BUILD',
    actor: ['BUILD_REQUESTEDFOR'],
    commit: ['BUILD_SOURCEVERSION'],
    job: ({ SYSTEM_TEAMFOUNDATIONCOLLECTIONURI: server, SYSTEM_TEAMPROJECT: project, BUILD_BUILDID: build }) =>
      build === undefined ? null : `${server ?? ''}${project ?? ''}/_build/results?buildId=${build}`,
  },
]

/** Reads the variables of the job's service; the commit is read elsewhere. */
export function readCiJob(variables: Variables): CiJob {
  const service = services.find(({ mark }) => first(variables, [mark]) !== null)
  if (service === undefined) return { actor: null, commit: null, job: null }
  return {
    actor: first(variables, service.actor),
    commit: first(variables, service.commit),
    job: service.job(variables),
  }
}

/** The first of the variables that is set and not empty. */
function first(variables: Variables, names: readonly string[]): string | null {
  for (const name of names) {
    const value = variables[name]
    if (value !== undefined && value !== '') return value
  }
  return null
}

import { expect, test } from 'vitest'
import { describeGiven } from '../../../src/audit/describe-flags.ts'
import { endOfError, endOfResult } from '../../../src/audit/ending.ts'
import { makeRunId, readCiJob } from '../../../src/audit/run-identity.ts'
import { ToolError } from '../../../src/core/tool-error.ts'

test('ids of runs are in the order of time, and differ within a second', () => {
  const now = Date.UTC(2026, 10, 26, 15, 40, 11, 250)
  expect(makeRunId(now)).toMatch(/^20261126T154011-[0-9a-f]{8}$/)
  expect(makeRunId(now)).not.toBe(makeRunId(now))
  expect(makeRunId(now + 1000) > makeRunId(now)).toBe(true)
})

test.each([
  [
    {
      GITHUB_ACTIONS: 'true',
      GITHUB_ACTOR: 'ann',
      GITHUB_TRIGGERING_ACTOR: 'bert',
      GITHUB_SHA: '4f2c',
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_REPOSITORY: 'example/shop',
      GITHUB_RUN_ID: '77',
    },
    { actor: 'bert', commit: '4f2c', job: 'https://github.com/example/shop/actions/runs/77' },
  ],
  [
    { GITLAB_CI: 'true', GITLAB_USER_LOGIN: 'ann', CI_COMMIT_SHA: '4f2c', CI_JOB_URL: 'https://gitlab.example/1' },
    { actor: 'ann', commit: '4f2c', job: 'https://gitlab.example/1' },
  ],
  [
    { JENKINS_URL: 'https://ci.example/', BUILD_USER_ID: 'ann', GIT_COMMIT: '4f2c', BUILD_URL: 'https://ci.example/1' },
    { actor: 'ann', commit: '4f2c', job: 'https://ci.example/1' },
  ],
  [
    { CIRCLECI: 'true', CIRCLE_USERNAME: 'ann', CIRCLE_SHA1: '4f2c', CIRCLE_BUILD_URL: 'https://circleci.com/1' },
    { actor: 'ann', commit: '4f2c', job: 'https://circleci.com/1' },
  ],
  [
    { BUILDKITE: 'true', BUILDKITE_BUILD_CREATOR: 'ann', BUILDKITE_COMMIT: '4f2c', BUILDKITE_JOB_ID: '018f' },
    { actor: 'ann', commit: '4f2c', job: '018f' },
  ],
  [
    {
      TF_BUILD: 'True',
      BUILD_REQUESTEDFOR: 'ann',
      BUILD_SOURCEVERSION: '4f2c',
      SYSTEM_TEAMFOUNDATIONCOLLECTIONURI: 'https://dev.azure.com/example/',
      SYSTEM_TEAMPROJECT: 'shop',
      BUILD_BUILDID: '9',
    },
    { actor: 'ann', commit: '4f2c', job: 'https://dev.azure.com/example/shop/_build/results?buildId=9' },
  ],
  [
    { GITLAB_CI: '', GITHUB_ACTOR: 'ann' },
    { actor: null, commit: null, job: null },
  ],
  [{ GITHUB_ACTIONS: 'true' }, { actor: null, commit: null, job: null }],
])('the job of %j', (variables, expected) => {
  expect(readCiJob(variables)).toEqual(expected)
})

test('flags are written as a shell takes them, without what may be secret', () => {
  const words = [
    { flag: '', value: '20260101000000' },
    { flag: '--dry-run', value: true },
    { flag: '--reason', value: "it's case 117" },
    { flag: '--allow', value: ['drop-table', 'drop-column'] },
    { flag: '--url', value: 'mysql://ann:pw@db/x' },
    { flag: '--note', value: 'see https://ann:hunter2@example.org/x or t0psecret' },
  ]
  expect(describeGiven(words, ['t0psecret'])).toBe(
    "20260101000000 --dry-run --reason 'it'\\''s case 117' --allow drop-table --allow drop-column --url *** " +
      "--note 'see https://ann:***@example.org/x or ***'",
  )
  // The words of a program that is run may hold anything.
  expect(describeGiven([{ flag: '', value: ['npm', 'test', '--token', 'abc'] }], [])).toBe('npm ...')
})

const target = { database: 'app', schema: 'app', server: 'db:3306' }

test('a row is closed with what became of its own database', () => {
  const base = { target, done: [], notDone: [], statements: 0, milliseconds: 0 }
  const result = {
    kind: 'run' as const,
    command: 'migrate',
    dryRun: false,
    milliseconds: 1,
    outcomes: [
      { ...base, state: 'done' as const, fault: null, code: null },
      {
        ...base,
        target: { ...target, database: 'log' },
        state: 'failed' as const,
        fault: { what: 'It broke.', why: 'no reason' },
        code: 'STATEMENT_FAILED' as const,
      },
      { ...base, target: { ...target, database: 'mail' }, state: 'stopped' as const, fault: null, code: null },
    ],
  }
  const endOf = endOfResult(result, 2)
  expect(endOf('app')).toEqual({ outcome: 'done', exitCode: 0, error: null })
  expect(endOf('log')).toEqual({ outcome: 'failed', exitCode: 2, error: 'STATEMENT_FAILED: It broke: no reason.' })
  expect(endOf('mail')).toEqual({ outcome: 'stopped', exitCode: 2, error: null })
  expect(endOf('other')).toEqual({ outcome: 'failed', exitCode: 2, error: null })
})

test('a row is closed with the error that ended the command', () => {
  const held = new ToolError('LOCK_HELD', { what: 'Another run holds the lock.' })
  expect(endOfError(held, held.exitCode)('app')).toEqual({
    outcome: 'failed',
    exitCode: 75,
    error: 'LOCK_HELD: Another run holds the lock.',
  })
  const stopped = new ToolError('STOPPED', { what: 'Stopped.' }, { exitCode: 130 })
  expect(endOfError(stopped, 130)('app')).toMatchObject({ outcome: 'stopped', exitCode: 130 })
  expect(endOfError(new Error('a defect'), 2)('app')).toEqual({
    outcome: 'failed',
    exitCode: 2,
    error: 'Error: a defect',
  })
})

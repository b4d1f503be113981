import { describe, expect, it } from 'vitest'
import { explainInput } from '../../../src/cli/input-error.ts'
import { findCommand } from '../../../src/cli/registry/registry.ts'

describe('a value that a command does not take', () => {
  it.each([
    ['setup plan', ['only', 0], 'The value of --only is wrong: it is one of elasticsearch, influxdb, mongodb, redis.'],
    ['rotate run', ['ahead'], 'The value of --ahead is wrong: too small.'],
    ['shards create', ['family'], 'The value of FAMILY is wrong: too small.'],
  ])('%s %j: %s', (name, path, sentence) => {
    const entry = findCommand(name)
    if (entry === undefined) throw new Error(`there is no command ${name}`)
    const error = explainInput(entry, [{ path, message: 'too small' }])
    expect(error).toMatchObject({ exitCode: 64, faults: [{ what: sentence, next: `See wwdb ${name} --help.` }] })
  })
})

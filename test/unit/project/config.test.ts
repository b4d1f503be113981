import { describe, expect, it } from 'vitest'
import published from '../../../schemas/config.schema.json' with { type: 'json' }
import type { Context } from '../../../src/command/context.ts'
import { exitCodes } from '../../../src/core/exit-code.ts'
import { ToolError } from '../../../src/core/tool-error.ts'
import { command as schema } from '../../../src/project/commands/config-schema.ts'
import { command as show } from '../../../src/project/commands/config-show.ts'
import { command as validate } from '../../../src/project/commands/config-validate.ts'
import { resolveText } from '../config/resolve-text.ts'

const { config, entries } = resolveText('{"databases": {"app": {"url": "mysql://root:geheim99@h"}}}')

function refuse(): never {
  throw new Error('not for a command that only looks at the configuration')
}

/** A context in which only the configuration can be asked for. */
function contextOf(load: () => Promise<typeof config>): Context {
  return {
    targets: [],
    config: load,
    configReport: async () => ({ file: config.file, environment: config.environment, entries }),
    emit: refuse,
    stop: { requested: false, killRequested: false, onStop: refuse, onKill: refuse },
    confirm: refuse,
    now: refuse,
    port: refuse,
    process: {
      cwd: '/project',
      toolVersion: '0.0.0',
      nodeVersion: '20.19.0',
      program: ['/usr/bin/node', '/usr/lib/node_modules/wwdb/bin/wwdb.js'],
      variables: {},
      person: 'test@host',
      runProgram: refuse,
      ask: refuse,
      askTool: refuse,
      protocol: refuse,
      readSecret: refuse,
      publishMetrics: refuse,
    },
  }
}

describe('config show', () => {
  it('gives every value with its source, and no secret', async () => {
    const outcome = await show.run(
      {},
      contextOf(async () => config),
    )
    expect(outcome).toMatchObject({
      exitCode: exitCodes.done,
      result: { kind: 'config', file: '/project/wwdb.config.json', environment: null },
    })
    expect(outcome.result).toMatchObject({
      entries: expect.arrayContaining([
        { path: 'databases.app.url', value: 'mysql://root:***@h', source: 'file' },
        { path: 'timeouts.lock', value: '5m', source: 'default' },
      ]),
    })
  })
})

describe('config validate', () => {
  it('finds nothing in a good configuration', async () => {
    expect(
      await validate.run(
        {},
        contextOf(async () => config),
      ),
    ).toEqual({
      exitCode: exitCodes.done,
      result: { kind: 'validation', faults: [], hazards: [], stopping: null, files: 1, statements: 0 },
    })
  })

  it('lists every fault and exits with 78', async () => {
    const faults = [{ what: 'One.', where: { file: 'wwdb.config.json' } }, { what: 'Two.' }]
    const error = new ToolError('CONFIG_INVALID', faults, { exitCode: exitCodes.configuration })
    expect(
      await validate.run(
        {},
        contextOf(() => Promise.reject(error)),
      ),
    ).toEqual({
      exitCode: 78,
      result: { kind: 'validation', faults, hazards: [], stopping: null, files: 1, statements: 0 },
    })
  })

  it('does not swallow what is no fault of the configuration', async () => {
    const other = new ToolError('LOCK_HELD', { what: 'Held.' })
    await expect(
      validate.run(
        {},
        contextOf(() => Promise.reject(other)),
      ),
    ).rejects.toBe(other)
  })
})

describe('config schema', () => {
  it('prints the published document', async () => {
    const { result, exitCode } = await schema.run({}, contextOf(refuse))
    expect(exitCode).toBe(exitCodes.done)
    expect(result).toMatchObject({ kind: 'document', format: 'json' })
    expect(JSON.parse(result.kind === 'document' ? result.content : '')).toEqual(published)
  })
})

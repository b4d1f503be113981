import { defineCommand } from '../../command/define-command.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { isInUse } from '../collect-garbage.ts'
import { describeEnvironment, describeTemplate, environmentOfSnapshot } from '../provision.ts'
import { withProvision } from '../provision-context.ts'

/** `wwdb provision list`: every test environment on the server, and the templates that test environments are cloned from. Writes nothing. */
export const command = defineCommand({
  name: 'provision list',
  group: 'Stores and environments',
  summary: 'list the test environments on the server',
  purpose:
    'Shows every test environment with its owner, age, expiry and snapshots, and the templates that test environments are cloned from. Writes ' +
    'nothing.',
  examples: [
    { command: 'wwdb provision list', purpose: 'for a person' },
    { command: 'wwdb provision list --json', purpose: 'for a program' },
  ],
  exitCodes: exitCodesOf.servers,
  interruption: 'at-once',
  writes: false,
  connects: true,
  run(_options, context) {
    return withProvision(context, async ({ registry, config }) => {
      const { now, records } = await registry.read()
      const environments = records
        .filter(({ kind }) => kind === 'environment')
        .map((record) => describeEnvironment(record, records, config))
      const templates = records
        .filter(({ kind, name }) => kind === 'template' && environmentOfSnapshot(name) === null)
        .map((record) => describeTemplate(record, record.held || isInUse(record, records), config))
      const result = { kind: 'provision-list', now: new Date(now).toISOString(), environments, templates } as const
      return { result, exitCode: exitCodes.done }
    })
  },
})

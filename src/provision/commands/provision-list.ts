import { defineCommand } from '../../core/command.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { isInUse } from '../collect-garbage.ts'
import { describeSet, describeTemplate } from '../provision.ts'
import { withProvision } from '../provision-context.ts'

/** `wwdb provision list`: every set on the server, and the templates that sets are cloned from. Writes nothing. */
export const command = defineCommand({
  name: 'provision list',
  group: 'Stores and environments',
  summary: 'the sets there are on the server',
  purpose:
    'Shows every set with its owner, its age and its end, and the templates that sets are cloned from. Writes ' +
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
      const sets = records.filter(({ kind }) => kind === 'set').map((record) => describeSet(record, config))
      const templates = records
        .filter(({ kind }) => kind === 'template')
        .map((record) => describeTemplate(record, record.held || isInUse(record, records), config))
      const result = { kind: 'provision-list', now: new Date(now).toISOString(), sets, templates } as const
      return { result, exitCode: exitCodes.done }
    })
  },
})

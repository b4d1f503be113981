import { defineCommand } from '../../command/define-command.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'

/** Shows every value in force and its source; secrets are `***`. */
export const command = defineCommand({
  name: 'config show',
  group: 'Databases and projects',
  summary: 'show every setting and its source',
  purpose:
    'Shows the effective configuration, and for every value whether a flag, the environment, the file or a ' +
    'default set it. Secrets are shown as ***.',
  examples: [
    { command: 'wwdb config show', purpose: 'the settings in effect here' },
    { command: 'wwdb config show --env production --json', purpose: 'those of another environment, for a program' },
  ],
  exitCodes: exitCodesOf.project,
  interruption: 'at-once',
  writes: false,
  connects: false,
  async run(_options, context) {
    return { result: { kind: 'config', ...(await context.configReport()) }, exitCode: exitCodes.done }
  },
})

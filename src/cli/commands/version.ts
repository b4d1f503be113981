import { defineCommand } from '../../command/define-command.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { toolVersion } from '../../core/tool-version.ts'

/** What a bug report needs. */
export const command = defineCommand({
  name: 'version',
  group: 'About wwdb',
  summary: 'show the versions of wwdb and Node',
  purpose: 'Prints the versions of wwdb and Node and the platform, for a bug report.',
  examples: [
    { command: 'wwdb version', purpose: 'for a person' },
    { command: 'wwdb version --json', purpose: 'for a program' },
  ],
  exitCodes: exitCodesOf.tool,
  interruption: 'at-once',
  writes: false,
  connects: false,
  async run() {
    return {
      result: {
        kind: 'version',
        version: toolVersion,
        node: process.version,
        platform: `${process.platform} ${process.arch}`,
      },
      exitCode: exitCodes.done,
    }
  },
})

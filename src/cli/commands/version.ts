import { defineCommand } from '../../core/command.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { toolVersion } from '../../core/tool-version.ts'

/** What a bug report needs. */
export const command = defineCommand({
  name: 'version',
  group: 'About wwdb',
  summary: 'the versions of wwdb and of Node',
  purpose: 'Prints the version of wwdb, of Node and the platform: what a bug report needs.',
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

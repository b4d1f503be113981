import * as z from 'zod/mini'
import type { CommandResult } from '../../core/context.ts'
import { exitCodes } from '../../core/exit-code.ts'
import { toolVersion } from '../tool-version.ts'

export const input = z.strictObject({})

/** What a bug report needs. */
export async function run(): Promise<CommandResult> {
  return {
    result: {
      kind: 'version',
      version: toolVersion,
      node: process.version,
      platform: `${process.platform} ${process.arch}`,
    },
    exitCode: exitCodes.done,
  }
}

import { dirname } from 'node:path'
import { env } from 'node:process'
import { findOnPath } from '../../../src/sandbox/programs.ts'
import type { TestTool } from './stand-in.ts'

const question = { words: ['--version'], pattern: /^v?(\d+\.\d+\.\d+)/ }

/** The real one, where PATH has one that wwdb works with. */
export async function findGhOst(): Promise<TestTool | null> {
  const found = await findOnPath('gh-ost', question, (version) => version.startsWith('1.1.1'))
  if (found === null) return null
  return { variables: { PATH: `${dirname(found.command[0])}:${env['PATH']}` }, remove: async () => undefined }
}

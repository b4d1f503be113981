import { expect } from 'vitest'
import type { ToolRun } from '../../helpers/tool/tool.ts'

/** A run that ended early reports why as promise 6 has it: one fault, what to do next, and no stack. */
export function expectSentence(run: ToolRun, exitCodes: readonly number[], says: RegExp): void {
  expect(exitCodes, run.stderr).toContain(run.exitCode)
  expect(run.stderr.match(/^✗ .*/gm), run.stderr).toEqual([expect.stringMatching(says)])
  expect(run.stderr).toMatch(/^ {2}Next: \S/m)
  expect(run.stderr).not.toMatch(/^\s+at .*\.[jt]s[:)]/m)
  expect(run.stderr).not.toMatch(/undefined|<NULL>|\[object/)
}

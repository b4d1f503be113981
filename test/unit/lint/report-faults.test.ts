import { expect, test } from 'vitest'
import type { LintResult } from '../../../src/lint/commands/lint-view.ts'
import { writeGitlab } from '../../../src/lint/formats/gitlab.ts'
import { writeJunit } from '../../../src/lint/formats/junit.ts'
import { writeSarif } from '../../../src/lint/formats/sarif.ts'

const result: LintResult = {
  kind: 'lint',
  judged: { files: 0, of: 1, by: 'all', note: null },
  faults: [
    { what: 'It is broken.', why: 'A quote is open.', next: 'Close it.', where: { file: 'app/1.sql', line: 4 } },
  ],
  findings: [],
  suppressed: 0,
  known: 0,
  fixed: 0,
  baselineWritten: false,
  maxWarnings: null,
  trial: null,
}

test.each([
  ['gitlab', writeGitlab(result)],
  ['junit', writeJunit(result)],
  ['sarif', writeSarif(result, [], '1.0.0', 'en')],
])('%s has what is wrong with a file, why, and what to do', (_, text) => {
  for (const words of ['It is broken.', 'A quote is open.', 'Close it.']) expect(text).toContain(words)
})

import { expect, test } from 'vitest'
import type { LintResult } from '../../../src/lint/commands/lint-view.ts'
import { writeGitlab } from '../../../src/lint/formats/gitlab.ts'
import { writeJunit } from '../../../src/lint/formats/junit.ts'
import { writeSarif } from '../../../src/lint/formats/sarif.ts'

const result: LintResult = {
  kind: 'lint',
  judged: { files: 0, of: 1, by: 'all', note: null },
  folder: '',
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
  ['sarif', writeSarif(result, [], '1.0.0', 'en', '/work/shop')],
])('%s has what is wrong with a file, why, and what to do', (_, text) => {
  for (const words of ['It is broken.', 'A quote is open.', 'Close it.']) expect(text).toContain(words)
})

test('paths begin at the root of the repository in every format', () => {
  const shop = { ...result, folder: 'services/shop' }
  expect(JSON.parse(writeGitlab(shop))[0].location.path).toBe('services/shop/app/1.sql')
  expect(writeJunit(shop)).toContain('classname="services/shop/app/1.sql"')
  const [run] = JSON.parse(writeSarif(shop, [], '1.0.0', 'en', '/work/services/shop')).runs
  const { uri, uriBaseId } = run.results[0].locations[0].physicalLocation.artifactLocation
  expect(uri).toBe('services/shop/app/1.sql')
  expect(new URL(uri, run.originalUriBaseIds[uriBaseId].uri).href).toBe('file:///work/services/shop/app/1.sql')
})

import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { execPath } from 'node:process'
import { afterAll, expect, test } from 'vitest'

const project = resolve(import.meta.dirname, '../../..')
const sample = mkdtempSync(join(tmpdir(), 'wwdb-messages-'))

afterAll(() => rmSync(sample, { recursive: true, force: true }))

function findFaults(folder: string): readonly string[] {
  const text = execFileSync(execPath, [join(project, 'test/helpers/message-faults.mjs'), folder], { encoding: 'utf8' })
  return text.split('\n').filter((line) => line !== '')
}

test('every message ends with a full stop, and has flags and commands in backticks', { timeout: 60_000 }, () => {
  expect(findFaults(join(project, 'src'))).toEqual([])
})

test('a message without a full stop, and a bare flag, are found in every part of an expression', () => {
  writeFileSync(
    join(sample, 'sample.ts'),
    [
      `const one = { what: 'The file is gone', next: \`Restore \${file}\` }`,
      "const two = new ToolError('USAGE', { what: many ? 'All are here.' : 'One is here' })",
      "const three = { why: 'It was given with --to.', instead: 'Leave out `--to`.' }",
      `const four = { what: 'Run "wwdb init".', why: \`It was \${why}\` }`,
      `run.note(\`\${table} stays\`)`,
      "const label = { what: 'applied' }",
    ].join('\n'),
  )
  expect(findFaults(sample).map((line) => line.replace(/: .*/, ''))).toEqual([
    'sample.ts:1 has no full stop',
    'sample.ts:1 has no full stop',
    'sample.ts:2 has no full stop',
    'sample.ts:3 has a flag without backticks',
    'sample.ts:4 has a command in quotes, not in backticks',
    'sample.ts:5 has no full stop',
  ])
})

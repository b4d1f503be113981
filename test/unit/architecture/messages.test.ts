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
  const text = execFileSync(execPath, [join(project, 'test/helpers/documents/message-faults.mjs'), folder], {
    encoding: 'utf8',
  })
  return text.split('\n').filter((line) => line !== '')
}

test('every message ends with a full stop, and has flags, commands and names in backticks', { timeout: 60_000 }, () => {
  expect(findFaults(join(project, 'src'))).toEqual([])
})

test('a message without a full stop, and a bare flag, are found in every part of an expression', () => {
  writeFileSync(
    join(sample, 'sample.ts'),
    [
      `const one = { what: 'The file is gone', next: \`Restore \${it}\` }`,
      "const two = new ToolError('USAGE', { what: many ? 'All are here.' : 'One is here' })",
      "const three = { why: 'It was given with --to.', instead: 'Leave out `--to`.' }",
      `const four = { what: 'Run "wwdb init".', why: \`It was \${why}\` }`,
      `run.note(\`\${both} stay\`)`,
      "const label = { what: 'applied' }",
      `const six = { what: 'It has no "url".', next: 'Write "url" there: {"url": "mysql://host"}.' }`,
      `const seven = { what: 'It has no file.', next: 'Add "zone": "utc" to it.' }`,
      `refuse('There is no terminal.', 'Add --yes to continue.', \`Add \\\`--confirm\\\` or --yes to \${it}.\`)`,
    ].join('\n'),
  )
  expect(findFaults(sample).map((line) => line.replace(/: .*/, ''))).toEqual([
    'sample.ts:1 has no full stop',
    'sample.ts:1 has no full stop',
    'sample.ts:2 has no full stop',
    'sample.ts:3 has a flag without backticks',
    'sample.ts:4 has a command in quotes, not in backticks',
    'sample.ts:5 has no full stop',
    'sample.ts:7 has a word in quotes, not in backticks',
    'sample.ts:7 has a word in quotes, not in backticks',
    'sample.ts:9 has a flag without backticks',
    'sample.ts:9 has a flag without backticks',
  ])
})

test('a bare name is found in a message and in any sentence; a quoted one, a product and a place in a text do not count', () => {
  writeFileSync(
    join(sample, 'sample.ts'),
    [
      `const one = { what: \`The table \${table} is gone.\`, why: \`It was in \${target.schema},\` + \` and is \${age} old.\` }`,
      `const two = { what: \`The table \\\`\${table}\\\` is in \\\`\${schema}.\${name}\\\`.\`, next: \`Run \\\`wwdb mark \${name}\\\`.\` }`,
      `const line = \`Nothing of \${files.join(', ')} is left.\``,
      `const choice = { what: \`It is \${many ? \`many of \${family.name}\` : 'one'}.\`, why: 'It is.' }`,
      `const place = \`It is not JSON at \${line}:\${column}, says \${tool.name}.\``,
      `const text = \`\${migrationLabel(step)} has failed before.\``,
      `const rows = \`\${table}  \${column}\``,
    ].join('\n'),
  )
  expect(findFaults(sample).map((line) => line.replace(/: .*/, ''))).toEqual([
    'sample.ts:1 has a name without backticks, table',
    'sample.ts:1 has a name without backticks, target.schema',
    "sample.ts:3 has a name without backticks, files.join(', ')",
    'sample.ts:4 has a name without backticks, family.name',
    'sample.ts:6 has a name without backticks, migrationLabel(step)',
  ])
})

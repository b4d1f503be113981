import { spawnSync } from 'node:child_process'
import { execPath } from 'node:process'
import { expect, test } from 'vitest'

test('every generated file is what `npm run generate` writes', { timeout: 120_000 }, () => {
  const { status, stderr } = spawnSync(execPath, ['scripts/generate.mjs', '--check'], {
    cwd: new URL('../../../', import.meta.url),
    encoding: 'utf8',
  })
  expect(stderr).toBe('')
  expect(status).toBe(0)
})

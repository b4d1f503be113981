import { expect, test } from 'vitest'
import { askTool } from '../../../src/cli/ask-tool.ts'
import { readGlobals } from '../../../src/cli/globals.ts'

test('the tool is asked about the one target of many that was named, not about all of them', async () => {
  const host = { program: ['echo'], cwd: '.', environment: process.env }
  const globals = readGlobals({ target: ['tenant_db/acme'] }, {})
  const { stdout } = await askTool(host as never, globals, ['status'], new AbortController().signal)
  expect(stdout).toContain('--target=tenant_db/acme status')
})

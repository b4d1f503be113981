import { expect, test } from 'vitest'
import { ToolError } from '../../../src/core/tool-error.ts'
import { declareRemoved } from '../../../src/stores/declare-removed.ts'
import { parts } from '../../../src/stores/redis/index.ts'

/** What is declared where reading the contents fails like this. */
function declareWhere(error: Error) {
  const config: Parameters<typeof parts.connect>[0] = JSON.parse('{}')
  const reading = parts.readDeclaration([], config)
  if (reading.type === 'faults') throw new Error('an empty folder has faults')
  const { declaration } = reading
  const failing = {
    ...parts,
    readContents: async (): Promise<never> => {
      throw error
    },
  }
  const opened = {
    declaration,
    prefix: '',
    server: 'redis.test:1',
    user: null,
    driver: JSON.parse('{}'),
    run: JSON.parse('{}'),
  }
  return declareRemoved(failing, { config, documents: [], opened, named: (one) => one }, [library])
}

const library = { kind: 'function library', name: 'shop' }

test('what this user may not read is lost, with the reason', async () => {
  const denied = new ToolError('STORE_ACCESS_DENIED', { what: 'no rights' }, { exitCode: 69 })
  expect(await declareWhere(denied)).toEqual({
    text: null,
    declared: [],
    variables: [],
    lost: [{ resource: library, why: 'no rights' }],
  })
})

test.each(['STORE_UNREACHABLE', 'STORE_REFUSED'] as const)(
  '%s ends the run: it may succeed the next time',
  async (code) => {
    await expect(declareWhere(new ToolError(code, { what: 'too many requests' }))).rejects.toMatchObject({ code })
  },
)

import { afterEach, describe, expect, test, vi } from 'vitest'

afterEach(() => {
  vi.unstubAllEnvs()
  vi.resetModules()
})

async function inTurn(turn: string) {
  vi.resetModules()
  vi.stubEnv('WWDB_TEST_TURN', turn)
  return import('../../helpers/servers/turns.ts')
}

const files = ['a.test.ts', 'b.test.ts', 'long-name.test.ts'].map((name) => `file:///project/${name}`)
const cases = ['one', 'two', 'three', 'four', 'five']

describe('a turn', () => {
  test('tries each file on one version, and the next turn on the other; both are tried in each', async () => {
    const versionsIn = async (turn: string) => {
      const { versionsInTurn } = await inTurn(turn)
      return files.map((file) => versionsInTurn(file))
    }
    const [even, odd] = [await versionsIn('0'), await versionsIn('1')]
    for (const [at, versions] of even.entries()) {
      expect(versions).toHaveLength(1)
      expect([...versions, ...(odd[at] ?? [])].toSorted()).toEqual(['8.0', '9.7'])
    }
    expect(new Set(even.flat()).size).toBe(2)
  })

  test('tries each case on one version, and the next turn on the other', async () => {
    for (const turn of ['0', '1']) {
      const { casesInTurn } = await inTurn(turn)
      const [newer, older] = [casesInTurn(cases, '9.7'), casesInTurn(cases, '8.0')]
      expect([...newer, ...older].toSorted()).toEqual(cases.toSorted())
      expect(newer.includes('one')).toBe(turn === '0')
    }
  })

  test('is none where no number is given: all is tried on both', async () => {
    const { versionsInTurn, casesInTurn } = await inTurn('')
    expect(versionsInTurn(files[0] ?? '')).toEqual(['9.7', '8.0'])
    expect(casesInTurn(cases, '8.0')).toEqual(cases)
  })
})

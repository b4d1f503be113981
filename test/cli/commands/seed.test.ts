import { describe, expect, test } from 'vitest'
import { nextNumber, platformFiles, rowsOf, shopFiles } from '../../helpers/seed-stage.ts'
import { withStages } from '../../helpers/stage.ts'

const openStage = withStages()

async function migratedShop() {
  const stage = await openStage({ files: shopFiles })
  expect((await stage.run(['migrate'])).exitCode).toBe(0)
  return stage
}

describe('wwdb seed', () => {
  test('seeds in the order of references, and then has nothing to do', async () => {
    const stage = await migratedShop()
    const planned = await stage.run(['seed', 'plan'])
    expect(planned.stdout).toContain('insert articles wine Rotwein seeds/app/articles.json:5')
    const first = await stage.run(['seed'])
    expect(first).toMatchObject({ exitCode: 0 })
    expect(first.stdout).toContain('5 inserted')
    const before = await Promise.all(
      ['categories', 'articles', 'wwdb_seed_rows', 'wwdb_journal'].map((table) => rowsOf(stage, table)),
    )
    const numbers = await nextNumber(stage, 'categories')
    const second = await stage.run(['seed'])
    expect(second.stdout).toContain('nothing to do: 5 as they should be')
    expect(
      await Promise.all(
        ['categories', 'articles', 'wwdb_seed_rows', 'wwdb_journal'].map((table) => rowsOf(stage, table)),
      ),
    ).toEqual(before)
    expect(await nextNumber(stage, 'categories')).toBe(numbers)
    expect(numbers).toBe(4)
  })

  test('seeds the roles, permissions and grants of the platform', async () => {
    const stage = await openStage({ databases: ['user_db'], files: platformFiles() })
    expect((await stage.run(['migrate'])).exitCode).toBe(0)
    expect(await stage.run(['seed'])).toMatchObject({ exitCode: 0 })
    expect((await stage.run(['seed'])).stdout).toContain('nothing to do')
  })
})

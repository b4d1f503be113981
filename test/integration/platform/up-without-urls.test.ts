import { expect, test } from 'vitest'
import { withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()

const files = {
  'migrations/app/0001_a.sql': '-- migrate:up\nCREATE TABLE a (id INT PRIMARY KEY);\n-- migrate:down\nDROP TABLE a;\n',
}

test('up brings the databases up, and says which stores it left out because they have no URL', async () => {
  const stage = await openStage({ create: false, files, configuration: { stores: { redis: {}, mongodb: {} } } })
  const { exitCode, answer } = await stage.json(['up'])
  expect(exitCode).toBe(0)
  expect(answer).toMatchObject({
    kind: 'platform',
    steps: [
      { step: 'create' },
      { step: 'migrate', state: 'done' },
      { step: 'rotate' },
      { step: 'seed' },
      { step: 'setup', state: 'left-out' },
    ],
    places: [
      { name: 'app' },
      { name: 'mongodb', server: 'no URL', holds: 'not configured here, left out' },
      { name: 'redis', server: 'no URL', holds: 'not configured here, left out' },
    ],
  })
})

test('setup apply refuses a loss that does not exist, and names the closest', async () => {
  const stage = await openStage({
    create: false,
    files,
    configuration: { stores: { redis: { url: 'redis://127.0.0.1:1' } } },
  })
  const { exitCode, stderr } = await stage.run(['setup', 'apply', '--allow', 'shorter-retentoin'])
  expect(exitCode).toBe(64)
  expect(stderr).toContain('`--allow shorter-retentoin` does not name a loss of a store.')
  expect(stderr).toContain('Did you mean `shorter-retention`?')
})

test('doctor ends with 1 for errors, and for warnings where it is asked to', async () => {
  const stage = await openStage({ files })
  const warned = await stage.json(['doctor'])
  expect(warned.exitCode).toBe(0)
  expect(warned.answer['findings']).toContainEqual(
    expect.objectContaining({ code: 'sum-missing', severity: 'warning' }),
  )
  expect((await stage.run(['doctor', '--fail-on', 'warning'])).exitCode).toBe(1)
})

test('doctor says once what is wrong in several places', async () => {
  const stage = await openStage({
    databases: ['app', 'other'],
    files: { ...files, 'migrations/other/0001_b.sql': files['migrations/app/0001_a.sql'] },
  })
  const { answer } = await stage.json(['doctor'])
  const found = (answer['findings'] as readonly { code: string }[]).filter(({ code }) => code === 'sum-missing')
  expect(found).toMatchObject([{ where: { file: 'migrations/app' }, alsoAt: [{ file: 'migrations/other' }] }])
  expect((await stage.run(['doctor'])).stdout).toContain('also at migrations/other')
})

test('up refuses a word that allows nothing before it writes anything, also without a store', async () => {
  const stage = await openStage({ files })
  const { exitCode, stderr } = await stage.run(['up', '--allow', 'DROP_TABLE,nonsense'])
  expect(exitCode).toBe(64)
  expect(stderr).toContain('`--allow nonsense` does not name a loss of a store.')
  expect(await stage.tables()).toEqual([])
})

import { expect, test } from 'vitest'
import type { PreparedStore } from '../../../src/stores/contract.ts'
import type { DeclarationDocument } from '../../../src/stores/declare/read-declarations.ts'
import { besidePresent, namedOfPresent, readRestoreFile, spareUnset } from '../../../src/stores/restore-file.ts'
import { restoreOnly } from '../../../src/stores/restore-removed.ts'
import type { StorePlan } from '../../../src/stores/store-plan.ts'
import { memoryStore } from './memory-store.ts'

const entry = (name: string) => ({ at: ['values', name], resources: [{ kind: 'value', name }] })
const document = (value: unknown): DeclarationDocument => ({
  file: 'x',
  value,
  locate: () => ({ where: { file: 'x' } }),
})
const back = { resources: [entry('back')], context: [], left: [], prefix: '' }

test('a restore plans what its file brings back and nothing of the others, and changes nothing that is there', async () => {
  const whole = memoryStore({ mine: '1', back: '2' }, { values: {} })
  const session = await restoreOnly(whole, { ...back, left: ['values.old'] }).open()
  const plan: StorePlan = await session.plan()
  expect(plan.changes.map(({ summary, number }) => [summary, number])).toEqual([['set back to 2', 1]])
  expect(plan.notes.at(-1)).toContain('`values.old`')
  for (const change of plan.changes) await session.apply(change)
  expect(whole.written).toEqual(['back'])
  expect(await session.plan()).toMatchObject({ changes: [], unchanged: [{ name: 'back' }] })
})

test('all that somebody has made otherwise is named at once', async () => {
  const other = memoryStore({ back: '2', more: '3' }, { values: { back: 'another', more: 'another' } })
  const session = await restoreOnly(other, { ...back, resources: [entry('back'), entry('more')] }).open()
  await expect(session.plan()).rejects.toMatchObject({
    code: 'STORE_REFUSED',
    faults: [
      { what: expect.stringContaining('`back` that is not what the file declares') },
      { what: expect.stringContaining('`more` that is not what the file declares') },
    ],
  })
})

test('what this run has made and the server keeps otherwise is left to the plan that reads back', async () => {
  const stubborn = memoryStore({ back: '2' })
  const session = await restoreOnly(stubborn, back).open()
  for (const change of (await session.plan()).changes) await session.apply(change)
  stubborn.values.set('back', 'as the server has it')
  expect((await session.plan()).changes).toMatchObject([{ action: 'update', resource: { name: 'back' } }])
})

test('what the file names is made where it is missing, and otherwise left as it is', async () => {
  const restoring = { ...back, context: [entry('named')] }
  const missing = await restoreOnly(memoryStore({ back: '2', named: '1' }), restoring).open()
  expect((await missing.plan()).changes.map(({ resource }) => resource.name)).toEqual(['back', 'named'])
  const changed = memoryStore({ back: '2', named: '1' }, { values: { named: 'another by now' } })
  const there = await restoreOnly(changed, restoring).open()
  expect((await there.plan()).changes.map(({ resource }) => resource.name)).toEqual(['back'])
})

test('a restore never says that it is done where something of the file is neither made nor there', async () => {
  const session = await restoreOnly(memoryStore({ back: '2' }), {
    ...back,
    resources: [entry('back'), entry('skipped')],
  }).open()
  await expect(session.plan()).rejects.toMatchObject({
    code: 'STORE_REFUSED',
    faults: [{ what: '`values.skipped` of the file would not come back.' }],
  })
})

test('names go with the prefix of the environment that the file is restored in', async () => {
  const whole = memoryStore({ pr_2_back: '2', pr_2_mine: '1' })
  const session = await restoreOnly(whole, { ...back, prefix: 'pr_2_' }).open()
  expect((await session.plan()).changes.map(({ resource }) => resource.name)).toEqual(['pr_2_back'])
})

test('an entry that the folder declares by now is left to it', () => {
  const file = document({ organization: { name: 'shop' }, tasks: { one: {}, two: {} } })
  const present = [document({ organization: { name: 'shop' }, tasks: { two: {} } }), document(null)]
  expect(besidePresent(file, present)).toMatchObject({
    document: { value: { tasks: { one: {} } } },
    left: ['organization.name', 'tasks.two'],
  })
  expect(besidePresent(file, []).document.value).toEqual(file.value)
})

test('a restore reads of the folder only what its file names: trouble with the rest is not its own', () => {
  const file = document({ tasks: { one: { from: 'hot', flux: 'from(bucket: "warm")' } } })
  const present = document({
    organization: { name: 'shop' },
    buckets: { hot: { keeps: 'class' }, warm: {}, cold: {} },
    classes: { class: {}, other: {} },
    mappings: [{ bucket: 'cold' }],
  })
  expect(namedOfPresent(file, [present]).map(({ value }) => value)).toEqual([
    { organization: { name: 'shop' }, buckets: { hot: { keeps: 'class' }, warm: {} }, classes: { class: {} } },
  ])
})

test('only variables of what the file names are asked for: the rest of the folder is left out', () => {
  const file = document({ tasks: { one: { from: 'hot' } } })
  const present = document({
    organization: { name: 'shop' },
    buckets: { hot: { keeps: `\${KEEPS}` }, cold: { keeps: `\${OTHER}` } },
    settings: { a: `\${LIMIT}`, b: '1' },
    mappings: [{ bucket: `\${MAPPED}` }],
  })
  const unset = [
    ['buckets', 'hot', 'keeps'],
    ['buckets', 'cold', 'keeps'],
    ['settings', 'a'],
    ['mappings', 0, 'bucket'],
  ].map((path) => ({ file: 'x', path, fault: { what: path.join('.') } }))
  const split = spareUnset(file, [present], unset)
  expect(split.asked).toEqual([{ what: 'buckets.hot.keeps' }])
  expect(split.spared.map(({ fault }) => fault.what)).toEqual(['buckets.cold.keeps', 'settings.a', 'mappings.0.bucket'])
  expect(split.present.map(({ value }) => value)).toEqual([
    { organization: { name: 'shop' }, buckets: { hot: { keeps: `\${KEEPS}` } }, settings: { b: '1' } },
  ])
})

test('a file that does not say what it brings back is refused; the list is no declaration', () => {
  const marks = { resources: [entry('back')], context: [] }
  expect(readRestoreFile(document({ values: { back: 2 }, restore: marks }))).toMatchObject({
    document: { value: { values: { back: 2 } } },
    ...marks,
  })
  expect(() => readRestoreFile(document({ values: {} }))).toThrow(
    expect.objectContaining({ code: 'DECLARATIONS_INVALID' }),
  )
})

test('a file that was not finished is refused, whatever is in it', () => {
  const marks = { resources: [entry('back')], context: [] }
  const part = { ...document({ values: { back: 2 }, restore: marks }), file: '.wwdb/removed/.redis-1.part' }
  expect(() => readRestoreFile(part)).toThrow(
    expect.objectContaining({
      faults: [expect.objectContaining({ what: expect.stringContaining('was being written') })],
    }),
  )
})

test('a task that comes back leaves a gap, and the run says how it is filled', async () => {
  const base = memoryStore({ hourly: '1' })
  const withTasks: PreparedStore = {
    ...base,
    open: async (options) => {
      const session = await base.open(options)
      const change = { ...(await session.plan()).changes[0], resource: { kind: 'task', name: 'hourly' } }
      return {
        ...session,
        plan: async () => ({ ...(await session.plan()), changes: [change] }) as StorePlan,
        backfill: async () => Promise.reject(new Error('not part of this test')),
      }
    },
  }
  const resources = [{ at: ['tasks', 'hourly'], resources: [{ kind: 'task', name: 'hourly' }] }]
  const session = await restoreOnly(withTasks, { ...back, resources }).open()
  expect((await session.plan()).notes.at(-1)).toContain('`wwdb setup backfill`')
})

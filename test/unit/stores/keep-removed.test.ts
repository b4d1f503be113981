import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { noOptions, type PreparedStore, type StoreSession } from '../../../src/stores/contract.ts'
import type { RemovedDeclarations } from '../../../src/stores/declare-removed.ts'
import { keepRemoved } from '../../../src/stores/keep-removed.ts'
import { besidePresent, restoreOnly } from '../../../src/stores/restore-removed.ts'
import type { StoreChange, StorePlan } from '../../../src/stores/store-plan.ts'
import { memoryStore } from './memory-store.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'wwdb-removed-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const loss = { code: 'removed-resource', why: 'It is gone.', affected: [] } as const
const removal = (number: number, name: string): StoreChange => ({
  number,
  resource: { kind: 'task', name },
  action: 'remove',
  summary: `remove task ${name}`,
  differences: [],
  loss,
})
const update: StoreChange = { ...removal(0, 'kept'), action: 'update', loss: null }
const prune = { ...noOptions, prune: true }

const declared: RemovedDeclarations = {
  text: 'tasks: { one: {} }\n',
  declared: [{ kind: 'task', name: 'one' }],
  variables: [],
  lost: [{ resource: { kind: 'task', name: 'two' }, why: 'It has `x`, which no file can declare.' }],
}

/** A store that plans these changes; each applied change is told with how many files there are then. */
function planning(
  changes: readonly StoreChange[],
  {
    found = declared,
    fails = () => false,
  }: { readonly found?: RemovedDeclarations; readonly fails?: (name: string) => boolean } = {},
) {
  const seen: string[] = []
  const base = memoryStore({})
  const prepared: PreparedStore = {
    ...base,
    open: async (options): Promise<StoreSession> => {
      const session = await base.open(options)
      return {
        ...session,
        plan: async () => ({ ...(await session.plan()), changes }),
        declareRemoved: async () => found,
        apply: async ({ resource: { name } }) => {
          seen.push(`${name}: ${files().length}`)
          if (fails(name)) throw new Error('killed')
        },
      }
    },
  }
  return {
    seen,
    store: keepRemoved(prepared, { root, run: { now: () => 0, report: (message) => seen.push(message) } }),
  }
}

const files = (): readonly string[] => {
  const folder = join(root, '.wwdb', 'removed')
  return existsSync(folder) ? readdirSync(folder) : []
}

test('what is removed is in a file before the first removal, once a run, for its owner alone', async () => {
  const { seen, store } = planning([update, removal(1, 'one'), removal(2, 'two')])
  const session = await store.open(prune)
  const { changes } = await session.plan()
  expect(files()).toEqual([])
  for (const change of changes) await session.apply(change)
  const [file = ''] = files()
  expect(files()).toHaveLength(1)
  expect(seen).toEqual([
    'kept: 0',
    expect.stringContaining(`wwdb setup restore redis .wwdb/removed/${file}`),
    'one: 1',
    'two: 1',
  ])
  const path = join(root, '.wwdb', 'removed', file)
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(readFileSync(path, 'utf8')).toContain('tasks: { one: {} }')
  expect(readFileSync(path, 'utf8')).toContain('#   task two: It has `x`')
})

test('a run that is killed at its first removal has written the file, and the next one writes another', async () => {
  const { store } = planning([removal(0, 'one')], { fails: () => true })
  for (const run of [1, 2]) {
    const session = await store.open(prune)
    const [change] = (await session.plan()).changes
    if (change === undefined) throw new Error('nothing is planned')
    await expect(session.apply(change)).rejects.toThrow('killed')
    expect(files()).toHaveLength(run)
  }
})

test('a run that is killed in the middle leaves a file of all that it was about to remove', async () => {
  const { seen, store } = planning([removal(0, 'one'), removal(1, 'two'), removal(2, 'three')], {
    fails: (name) => name === 'two',
  })
  const session = await store.open(prune)
  const run = async (): Promise<void> => {
    for (const change of (await session.plan()).changes) await session.apply(change)
  }
  await expect(run()).rejects.toThrow('killed')
  expect(seen.filter((one) => !one.includes('restore'))).toEqual(['one: 1', 'two: 1'])
  const [file = ''] = files()
  expect(readFileSync(join(root, '.wwdb', 'removed', file), 'utf8')).toContain(declared.text)
})

test('a plan says of each removal whether it comes back, and writes nothing', async () => {
  const found = { ...declared, variables: [{ variable: 'ONE_PASSWORD', resource: { kind: 'task', name: 'one' } }] }
  const session = await planning([update, removal(1, 'one'), removal(2, 'two')], { found }).store.open(prune)
  const { changes, notes } = await session.plan()
  expect(changes.map((change) => change.loss?.why ?? null)).toEqual([
    null,
    'It is gone. `wwdb setup restore` brings it back with the password that `ONE_PASSWORD` has then: the one of now is not kept.',
    'It is gone. It does not come back by `wwdb setup restore`: It has `x`, which no file can declare.',
  ])
  expect(notes.at(-1)).toContain('1 of 2 that are removed are declared')
  expect(files()).toEqual([])
})

test('no file is written without --prune, nor where nothing of it can be declared', async () => {
  const plain = await planning([removal(0, 'one')]).store.open()
  await plain.apply(removal(0, 'one'))
  expect(files()).toEqual([])
  const nothing = await planning([removal(0, 'one')], { found: { ...declared, text: null, declared: [] } }).store.open(
    prune,
  )
  const { changes, notes } = await nothing.plan()
  for (const change of changes) await nothing.apply(change)
  expect({ files: files(), notes }).toEqual({ files: [], notes: [] })
})

test('a restore plans what its file declares and nothing of the others, and changes nothing that is there', async () => {
  const others = memoryStore({ mine: '1' })
  const whole = memoryStore({ mine: '1', back: '2' }, { values: {} })
  const session = await restoreOnly({ whole, others, left: ['tasks.old'] }).open()
  const plan: StorePlan = await session.plan()
  expect(plan.changes.map(({ summary, number }) => [summary, number])).toEqual([['set back to 2', 1]])
  expect(plan.notes.at(-1)).toContain('`tasks.old`')
  for (const change of plan.changes) await session.apply(change)
  expect(whole.written).toEqual(['back'])
  expect(await session.plan()).toMatchObject({ changes: [], unchanged: [{ name: 'back' }] })
  const other = memoryStore({ mine: '1', back: '2' }, { values: { back: 'another' } })
  await expect((await restoreOnly({ whole: other, others, left: [] }).open()).plan()).rejects.toMatchObject({
    code: 'STORE_REFUSED',
    faults: [{ what: expect.stringContaining('`back` that is not what the file declares') }],
  })
})

test('an entry that the folder declares by now is left to it', () => {
  const locate = () => ({ where: { file: 'x' } })
  const document = (value: unknown) => ({ file: 'x', value, locate })
  const file = document({ organization: { name: 'shop' }, tasks: { one: {}, two: {} } })
  const present = [document({ organization: { name: 'shop' }, tasks: { two: {} } }), document(null)]
  expect(besidePresent(file, present)).toMatchObject({
    document: { value: { tasks: { one: {} } } },
    left: ['organization.name', 'tasks.two'],
  })
  expect(besidePresent(file, []).document.value).toEqual(file.value)
})

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { noOptions, type PreparedStore, type StoreSession } from '../../../src/stores/contract.ts'
import type { RemovedDeclarations } from '../../../src/stores/declare-removed.ts'
import type { WriteText } from '../../../src/stores/durable-files.ts'
import { keepRemoved } from '../../../src/stores/keep-removed.ts'
import type { StoreChange } from '../../../src/stores/store-plan.ts'
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
  incomplete: [],
  lost: [{ resource: { kind: 'task', name: 'two' }, why: 'It has `x`, which no file can declare.' }],
}

/** A store that plans these changes; each applied change is told with how many files there are then. */
function planning(
  changes: readonly StoreChange[],
  {
    found = declared,
    finds = () => found,
    plans = () => changes,
    write = writeFileSync,
    fails = () => false,
    applied = () => undefined,
    now = () => 0,
  }: {
    readonly found?: RemovedDeclarations
    readonly finds?: () => RemovedDeclarations
    readonly plans?: () => readonly StoreChange[]
    readonly write?: WriteText
    readonly fails?: (name: string) => boolean
    readonly applied?: (number: number) => void
    readonly now?: () => number
  } = {},
) {
  const seen: string[] = []
  const base = memoryStore({})
  const prepared: PreparedStore = {
    ...base,
    open: async (options): Promise<StoreSession> => {
      const session = await base.open(options)
      return {
        ...session,
        plan: async () => ({ ...(await session.plan()), changes: plans() }),
        declareRemoved: async () => finds(),
        apply: async ({ number, resource: { name } }) => {
          applied(number)
          seen.push(`${name}: ${files().length}`)
          if (fails(name)) throw new Error('killed')
        },
      }
    },
  }
  return {
    seen,
    store: keepRemoved(prepared, { root, run: { now, report: (message) => seen.push(message) }, write }),
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
    'Removed without a way back: task `two`. It has `x`, which no file can declare.',
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
  expect(seen.filter((one) => !one.includes('way back') && !one.includes('restore'))).toEqual(['one: 1', 'two: 1'])
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

test('a removal without a way back has a code of its own, whatever it removes', async () => {
  const session = await planning([update, removal(1, 'one'), removal(2, 'two')]).store.open(prune)
  const { changes } = await session.plan()
  expect(changes.map((change) => change.loss?.code ?? null)).toEqual([null, 'removed-resource', 'removed-for-good'])
})

test('what a file cannot have of one that comes back is named, has to be allowed, and is in the head of the file', async () => {
  const one = { kind: 'task', name: 'one' }
  const found = { ...declared, lost: [], incomplete: [{ resource: one, without: ['its full name'] }] }
  const { seen, store } = planning([removal(0, 'one')], { found })
  const session = await store.open(prune)
  const [change] = (await session.plan()).changes
  if (change === undefined) throw new Error('nothing is planned')
  expect(change.loss).toMatchObject({
    code: 'removed-for-good',
    why: 'It is gone. What does not come back: its full name.',
  })
  await session.apply(change)
  expect(seen).toContain('Not kept of task `one`: its full name.')
  expect(readFileSync(join(root, '.wwdb', 'removed', files()[0] ?? ''), 'utf8')).toContain('its full name')
})

test('nothing is removed where the disk takes a part of the file only, and no file is left', async () => {
  const half: WriteText = (file, text) => {
    writeSync(file, text.slice(0, text.length / 2))
  }
  const { seen, store } = planning([removal(0, 'one')], { write: half })
  const session = await store.open(prune)
  const [change] = (await session.plan()).changes
  if (change === undefined) throw new Error('nothing is planned')
  await expect(session.apply(change)).rejects.toMatchObject({
    code: 'STORE_REMOVED_FILE',
    faults: [{ why: 'The disk has not taken all of it.' }],
  })
  expect({ seen, files: files() }).toEqual({ seen: [], files: [] })
})

test.each([
  ['ENOSPC', 'no space left'],
  ['EROFS', 'read-only'],
  ['EACCES', 'may not write'],
])('a disk that answers %s ends the removal with a sentence, not as a defect', async (code, why) => {
  const write = (): never => {
    throw Object.assign(new Error(`${code}: write`), { code, syscall: 'write' })
  }
  const { seen, store } = planning([removal(0, 'one')], { write })
  const session = await store.open(prune)
  const [change] = (await session.plan()).changes
  if (change === undefined) throw new Error('nothing is planned')
  await expect(session.apply(change)).rejects.toMatchObject({
    code: 'STORE_REMOVED_FILE',
    faults: [{ why: expect.stringContaining(why), where: { file: expect.stringContaining('.wwdb/removed/redis-') } }],
  })
  expect({ seen, files: files() }).toEqual({ seen: [], files: [] })
})

test('a folder that cannot be written is named under the lock, before anybody is asked; a plan alone makes none', async () => {
  writeFileSync(join(root, '.wwdb'), 'a file')
  const session = await planning([removal(0, 'one')]).store.open(prune)
  expect((await session.plan()).changes).toHaveLength(1)
  await session.lock(0)
  await expect(session.plan()).rejects.toMatchObject({
    code: 'STORE_REMOVED_FILE',
    faults: [{ why: expect.stringContaining('A file is where a folder should be') }],
  })
  rmSync(join(root, '.wwdb'))
  expect((await session.plan()).changes).toHaveLength(1)
  expect(files()).toEqual([])
})

test('what was changed while the question was open is not removed', async () => {
  const plan = [removal(0, 'one'), removal(1, 'three')]
  const newer = { ...declared, text: 'tasks: { one: { every: 2h } }\n' }
  const [earlier, other] = [
    { ...declared, declared: plan.map(({ resource }) => resource), lost: [] },
    { ...newer, lost: [] },
  ]
  const answers = [
    { why: 'is another one by now', plans: [plan, plan], finds: [earlier, other] },
    { why: '`remove task three` is not planned', plans: [plan, plan.slice(0, 1)], finds: [earlier, earlier] },
    { why: 'is another one by now', plans: [plan, plan], finds: [earlier, { ...earlier, lost: declared.lost }] },
  ]
  for (const { why, plans, finds } of answers) {
    const [nextPlan, nextFound] = [plans.values(), finds.values()]
    const { seen, store } = planning(plan, {
      plans: () => nextPlan.next().value ?? plan,
      finds: () => nextFound.next().value ?? earlier,
    })
    const session = await store.open(prune)
    const [change] = (await session.plan()).changes
    if (change === undefined) throw new Error('nothing is planned')
    await expect(session.apply(change)).rejects.toMatchObject({
      code: 'STORE_CHANGED',
      faults: [{ why: expect.stringContaining(why) }],
    })
    expect({ seen, files: files() }).toEqual({ seen: [], files: [] })
  }
})

test('what was shown under the lock counts, whatever is planned after the answer', async () => {
  const plan = [removal(0, 'one')]
  const earlier = { ...declared, lost: [] }
  const found = [earlier, { ...earlier, text: 'tasks: { one: { every: 2h } }\n' }].values()
  let last = earlier
  const { seen, store } = planning(plan, {
    finds: () => {
      last = found.next().value ?? last
      return last
    },
  })
  const session = await store.open(prune)
  await session.lock(0)
  await session.plan()
  const [change] = (await session.plan()).changes
  if (change === undefined) throw new Error('nothing is planned')
  await expect(session.apply(change)).rejects.toMatchObject({ code: 'STORE_CHANGED' })
  expect({ seen, files: files() }).toEqual({ seen: [], files: [] })
})

test('a part that was added after the plan is not removed with what goes after the first removal', async () => {
  const part: StoreChange = { ...removal(1, 'kept'), action: 'update', loss: { ...loss, code: 'removed-additions' } }
  const first = [removal(0, 'one'), { ...part, loss: null }]
  const plans = [first, [removal(0, 'one'), part]].values()
  const { seen, store } = planning(first, { plans: () => plans.next().value ?? [] })
  const session = await store.open(prune)
  const apply = async (): Promise<void> => {
    for (const change of (await session.plan()).changes) await session.apply(change)
  }
  await expect(apply()).rejects.toMatchObject({ code: 'STORE_CHANGED' })
  expect(seen.at(-1)).toBe('one: 1')
})

test('after the changes before it, a removal goes by its number in the plan that was made again', async () => {
  const numbers: number[] = []
  const first = [update, removal(1, 'one')]
  const plans = [first, [removal(0, 'one')]].values()
  const { store } = planning(first, {
    plans: () => plans.next().value ?? [],
    applied: (number) => numbers.push(number),
  })
  const session = await store.open(prune)
  for (const change of (await session.plan()).changes) await session.apply(change)
  expect(numbers).toEqual([0, 0])
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

test('that a declaration makes it again is said of what comes back as it was, and of nothing else', async () => {
  const named = (name: string) => ({ kind: 'task', name })
  const found: RemovedDeclarations = {
    ...declared,
    variables: [{ variable: 'SECRET', resource: named('secret') }],
    incomplete: [{ resource: named('part'), without: ['a label'] }],
  }
  const names = ['one', 'two', 'part', 'secret']
  const { store } = planning(
    names.map((name, number) => removal(number, name)),
    { found },
  )
  const { changes } = await (await store.open(prune)).plan()
  const saying = changes.filter((change) => change.loss?.why.includes('A declaration of it makes it again.'))
  expect(saying.map(({ resource }) => resource.name)).toEqual(['one'])
  expect(changes.map((change) => change.loss?.code)).toEqual([
    'removed-resource',
    'removed-for-good',
    'removed-for-good',
    'removed-resource',
  ])
})

test('a part that goes of what stays is no removal: no file is written for it', async () => {
  const part: StoreChange = { ...removal(0, 'notes'), loss: { ...loss, code: 'removed-additions' } }
  const { store, seen } = planning([part])
  const session = await store.open(prune)
  const { changes } = await session.plan()
  expect(changes).toEqual([part])
  for (const change of changes) await session.apply(change)
  expect(seen).toEqual(['notes: 0'])
})

test('what killed runs left is swept under the lock a day later, and told; what a person has stays', async () => {
  const folder = join(root, '.wwdb', 'removed')
  mkdirSync(folder, { recursive: true })
  const hour = 3_600_000
  const head = '# What `wwdb setup apply --prune` was about to remove from redis at a:1, now.\ntasks: {'
  const stamp = '2026-12-01T06-00-00-000Z'
  const trial = '.try-0b5f6d3e-7a51-4c8e-9d51-6f0c35a1f4b2'
  const left = [
    [`.redis-${stamp}-1.part`, head],
    [`.mongodb-${stamp}-12.part`, ''],
    [trial, 'wwdb\n'],
    ['.try-1b5f6d3e-7a51-4c8e-9d51-6f0c35a1f4b2', 'ww'],
  ]
  const kept = [
    [`redis-${stamp}.yaml`, head],
    [`.redis-${stamp}-5.part`, `${head} }\n`],
    [`.redis-${stamp}-2.part`, 'What I saved of it.\n'],
    [`.redis-${stamp}-1.part.bak`, head],
    [`.redis-${stamp}.part`, head],
    ['.notes.part', head],
    [`${trial}.txt`, 'wwdb\n'],
    ['.try-2b5f6d3e-7a51-4c8e-9d51-6f0c35a1f4b2', 'wwdb\nand more\n'],
    ['.try-mine', 'wwdb\n'],
  ]
  const recent = [`.redis-${stamp}-3.part`, head]
  for (const [name = '', text = ''] of [...left, ...kept, recent]) writeFileSync(join(folder, name), text)
  const now = Date.now()
  for (const [name = ''] of [...left, ...kept]) {
    const old = new Date(now - 25 * hour)
    utimesSync(join(folder, name), old, old)
  }
  utimesSync(join(folder, recent[0] ?? ''), new Date(now - 23 * hour), new Date(now - 23 * hour))
  mkdirSync(join(folder, `.redis-${stamp}-4.part`))
  const lists = (): readonly string[] => readdirSync(folder).toSorted()
  const before = lists()
  const { store, seen } = planning([removal(0, 'one')], { now: () => now })
  const session = await store.open(prune)
  await session.plan()
  expect(lists()).toEqual(before)
  await session.lock(0)
  const names = left.map(([name = '']) => name).toSorted()
  expect(lists()).toEqual(before.filter((name) => !names.includes(name)))
  const shown = names.map((name) => `\`${name}\``).join(', ')
  const whole = `Killed runs left 1 file in \`.wwdb/removed\` that can be read: \`.redis-${stamp}-5.part\`. Check that each is complete and let its name end in \`.yaml\`, or remove it.`
  expect(seen).toEqual([`Removed 4 files that killed runs had not finished from \`.wwdb/removed\`: ${shown}.`, whole])
  await session.lock(0)
  expect(seen.slice(2)).toEqual([whole])
})

test('an index that a reindex replaced keeps its code, and no declaration of it is written', async () => {
  const index: StoreChange = {
    ...removal(0, 'people-1'),
    resource: { kind: 'index', name: 'people-1' },
    loss: { ...loss, code: 'removed-index' },
  }
  const { store, seen } = planning([index])
  const session = await store.open(prune)
  const { changes } = await session.plan()
  expect(changes).toEqual([index])
  for (const change of changes) await session.apply(change)
  expect(seen).toEqual(['people-1: 0'])
})

test('each of several changes of one resource goes by itself in the plan that was made again', async () => {
  const numbers: number[] = []
  const cap = { ...update, number: 1, summary: 'cap it', loss: { ...loss, code: 'smaller-cap' as const } }
  const images = { ...cap, number: 2, summary: 'stop it', loss: { ...loss, code: 'removed-pre-images' as const } }
  const plan = [removal(0, 'one'), cap, images]
  const { store } = planning(plan, { applied: (number) => numbers.push(number) })
  const session = await store.open(prune)
  for (const change of (await session.plan()).changes) await session.apply(change)
  expect(numbers).toEqual([0, 1, 2])
})

import { describe, expect, it } from 'vitest'
import { ToolError } from '../../../src/core/tool-error.ts'
import { AnswerError } from '../../../src/stores/elasticsearch/errors.ts'
import { guardWrites } from '../../../src/stores/elasticsearch/lock.ts'
import { abandonCopy, removeKept } from '../../../src/stores/elasticsearch/moves.ts'
import { reindex } from '../../../src/stores/elasticsearch/reindex.ts'
import type { Move } from '../../../src/stores/elasticsearch/reindex-ports.ts'
import { desired, index, makeCopyModel, setBlock, switchNow, wish } from './copy-model.ts'

const { source, copy, name } = wish

const move: Move = {
  id: 'mark',
  source,
  sourceUuid: 'uuid-1',
  copy,
  copyUuid: 'uuid-2',
  from: 3,
  next: null,
  task: null,
  clone: null,
  cloneUuid: null,
  lifecycle: {},
  isBlocked: false,
}

const lost = new ToolError('STORE_UNREACHABLE', { what: 'The connection ended.' })
const refused = new ToolError('STORE_REFUSED', { what: 'No.' }, { cause: new AnswerError(404, {}) })
const fails = (error: ToolError) => (): Promise<never> => Promise.reject(error)

describe('a reindex', () => {
  it('copies, switches and keeps the old index, under a rate only while writes go on', async () => {
    const model = makeCopyModel()
    await reindex(model.context, wish, desired)
    expect(model.log).toEqual([
      `put-settings ${copy}`,
      'start {"rate":500,"only":null}',
      'start {"rate":500,"only":{"from":7}}',
      `block ${source}`,
      'start {"rate":null,"only":{"from":7}}',
      `put-settings ${copy}`,
      `put-mapping ${copy}`,
      'switch',
      `block ${source}`,
      `put-settings ${source}`,
    ])
    expect(model.moves).toMatchObject({ move: null, kept: [{ index: source, uuid: 'uuid-1', replacedBy: copy }] })
  })

  it.each([
    ['of another UUID', index(copy, 'uuid-9'), 'uuid-2'],
    ['of another UUID with its alias', index(copy, 'uuid-9', { aliases: [name] }), 'uuid-2'],
    ['without our mark', index(copy, 'uuid-9'), null],
    ['with our mark and an alias', index(copy, 'uuid-9', { mark: 'mark', aliases: ['x'] }), null],
  ])('takes no index %s for its copy, and removes none', async (_, other, copyUuid) => {
    const model = makeCopyModel()
    model.indices.set(copy, other)
    model.moves = { move: { ...move, copyUuid }, kept: [], wanted: [] }
    await expect(reindex(model.context, wish, desired)).rejects.toMatchObject({
      faults: [{ why: expect.stringContaining('is not the copy that was begun') }],
    })
    await abandonCopy(model.context, name)
    expect(model.log).toEqual([`allow ${source}`])
    expect(model.moves.move).toBeNull()
  })

  it('goes on with a copy that was created and not noted down', async () => {
    const model = makeCopyModel()
    model.indices.set(copy, index(copy, 'uuid-2', { mark: 'mark' }))
    model.moves = { move: { ...move, copyUuid: null, from: null }, kept: [], wanted: [] }
    await reindex(model.context, wish, desired)
    expect(model.log).toContain('switch')
  })

  it('begins again where the copy was removed by hand', async () => {
    const model = makeCopyModel()
    model.moves = { move, kept: [], wanted: [] }
    await reindex(model.context, wish, desired)
    expect(model.log[1]).toBe('start {"rate":500,"only":null}')
  })

  it('does not fill an index that is not as declared', async () => {
    const model = makeCopyModel()
    const other = { ...desired, template: { merged: { settings: { 'index.codec': 'x' }, mappings: {} } } }
    await expect(reindex(model.context, wish, other)).rejects.toMatchObject({
      faults: [{ why: expect.stringContaining('codec'), next: expect.stringContaining('index_patterns') }],
    })
    expect(model.log).toEqual([])
  })

  it('ends well where the answer of the switch is lost, or says that it was done before', async () => {
    for (const error of [lost, refused]) {
      const model = makeCopyModel((self) => ({
        takePlace: async () => {
          switchNow(self)
          throw error
        },
      }))
      await reindex(model.context, wish, desired)
      expect(model.moves.move).toBeNull()
      expect(model.log).not.toContain(`allow ${source}`)
    }
  })

  it.each([
    ['a refused switch', { takePlace: fails(refused) }, true],
    ['a switch whose outcome is unknown', { takePlace: fails(lost) }, false],
    ['a block that failed', { blockWrites: fails(lost) }, true],
    ['a sample that differs', { compareSample: async () => ['7'] }, true],
    [
      'a sample that differs, where they cannot be',
      { compareSample: async () => ['7'], allowWrites: fails(lost) },
      false,
    ],
  ])('after %s allows writes again, or says that they are refused', async (_, parts, allowed) => {
    const model = makeCopyModel(() => parts)
    const error = await reindex(model.context, wish, desired).catch((one: unknown) => one)
    expect(error).toBeInstanceOf(ToolError)
    if (!(error instanceof ToolError)) return
    expect(model.log.includes(`allow ${source}`)).toBe(allowed)
    expect(error.faults[0]?.next?.includes('still refused') ?? false).toBe(!allowed)
  })

  it('compares all documents in the run after a failed proof', async () => {
    const model = makeCopyModel(() => ({ compareSample: async () => ['7'] }))
    await expect(reindex(model.context, wish, desired)).rejects.toThrow()
    expect(model.moves.move).toMatchObject({ from: 0, next: null, task: null })
  })

  it('does not block writes where too much would be copied under it', async () => {
    const model = makeCopyModel(() => ({ count: async (_, from) => (from === null ? 0 : 20_001) }))
    await expect(reindex(model.context, wish, desired)).rejects.toMatchObject({
      faults: [{ why: expect.stringContaining('20,001 documents were written during one pass') }],
    })
    expect(model.log.some((one) => one.startsWith('block'))).toBe(false)
    expect(model.log.filter((one) => one.startsWith('start'))).toHaveLength(5)
  })

  it('ends where the old index was removed after the switch', async () => {
    const model = makeCopyModel()
    model.indices.set(copy, index(copy, 'uuid-2', { aliases: [name] }))
    model.indices.delete(source)
    model.moves = { move, kept: [], wanted: [] }
    await reindex(model.context, wish, desired)
    expect(model.log).toEqual([])
    expect(model.moves).toEqual({ move: null, kept: [], wanted: [] })
  })

  it('lifts a block that was there before, and blocks again', async () => {
    let blocks = 0
    const model = makeCopyModel((self) => ({
      blockWrites: async () => {
        self.log.push('block')
        setBlock(self, source, true)
        blocks += 1
        return blocks > 1
      },
    }))
    await reindex(model.context, wish, desired)
    expect(model.log.slice(3, 6)).toEqual(['block', `allow ${source}`, 'block'])
  })

  it('hears a stop while it ends tasks of another run', async () => {
    const model = makeCopyModel(() => ({ listTasks: async () => ['node:7'] }))
    model.stopped = true
    await expect(reindex(model.context, wish, desired)).rejects.toMatchObject({ code: 'STOPPED' })
    expect(model.log).not.toContain('cancel node:7')
  })
})

describe('an index that was kept', () => {
  it.each([
    ['removed', index(source, 'uuid-1'), true],
    ['left alone where it was made anew', index(source, 'uuid-9'), false],
    ['left alone where an alias leads to it', index(source, 'uuid-1', { aliases: ['x'] }), false],
  ])('is %s', async (_, found, removed) => {
    const model = makeCopyModel()
    model.indices.set(source, found)
    model.moves = { move: null, kept: [{ index: source, uuid: 'uuid-1', replacedBy: copy, since: 0 }], wanted: [] }
    await removeKept(model.context, { type: 'remove-kept', name, index: source })
    expect(model.log).toEqual(removed ? [`remove index ${source}`] : [])
  })
})

describe('a comparison that writes', () => {
  it('asks for the lock and for a stop before each write', async () => {
    const asked: string[] = []
    const ask = (what: string) => async (): Promise<void> => void asked.push(what)
    const { driver } = makeCopyModel(() => ({
      removeSurplus: async ({ check }) => {
        await check()
        return 0
      },
    })).context
    const guarded = guardWrites(driver, ask('lock'))
    await guarded.copy.removeSurplus({ source, copy, check: ask('stop'), most: 1 })
    expect(asked).toEqual(['stop', 'lock'])
  })
})

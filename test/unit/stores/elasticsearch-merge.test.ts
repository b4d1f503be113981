import { describe, expect, it } from 'vitest'
import { mergeIndex } from '../../../src/stores/elasticsearch/merge.ts'
import { type CopyModel, index, makeCopyModel } from './copy-model.ts'

const [name, source, into] = ['people', 'people-000001', 'people-000002']
const wish = { type: 'merge', name, source, into, rate: null } as const

function makeModel(parts: Parameters<typeof makeCopyModel>[0] = () => ({})): CopyModel {
  const model = makeCopyModel(parts)
  model.indices.set(into, index(into, 'uuid-2', { aliases: [name] }))
  return model
}

const steps = [`block ${source}`, 'start {"rate":null,"only":"missing"}', `put-settings ${source}`, 'leave']

describe('a merge', () => {
  it('blocks the older index, copies what only it has, notes that it is kept, and takes it out of the alias', async () => {
    const model = makeModel()
    await mergeIndex(model.context, wish)
    expect(model.log).toEqual(steps)
    expect(model.moves.kept).toMatchObject([{ index: source, uuid: 'uuid-1', replacedBy: into }])
  })

  it('does nothing where a killed run has taken it out of the alias', async () => {
    const model = makeModel()
    model.indices.set(source, index(source, 'uuid-1'))
    await mergeIndex(model.context, wish)
    expect(model.log).toEqual([])
  })

  it('ends the task of a killed run before it begins again', async () => {
    let asked = 0
    const model = makeModel(() => ({ listTasks: async () => (asked++ === 0 ? ['node:7'] : []) }))
    await mergeIndex(model.context, wish)
    expect(model.log[1]).toBe('cancel node:7')
  })

  it.each<[string, Parameters<typeof makeCopyModel>[0], RegExp]>([
    ['a failed task', () => ({ readTask: async () => ({ type: 'failed', why: 'No' }) }), /^No\.$/],
    ['a task whose node ended', () => ({ readTask: async () => ({ type: 'gone' }) }), /node that copied ended/],
    ['a task that saw less than there is', () => ({ count: async () => 5 }), /has 5 documents, the task saw 0/],
  ])('leaves the alias as it is after %s, and allows writes again', async (_, parts, why) => {
    const model = makeModel(parts)
    await expect(mergeIndex(model.context, wish)).rejects.toMatchObject({
      faults: [{ why: expect.stringMatching(why) }],
    })
    expect(model.log).not.toContain('leave')
    expect(model.log.at(-1)).toBe(`allow ${source}`)
    expect(model.moves.kept).toEqual([])
  })

  it('copies nothing into an index that the alias does not lead to', async () => {
    const model = makeModel()
    model.indices.set(into, index(into, 'uuid-2'))
    await expect(mergeIndex(model.context, wish)).rejects.toMatchObject({ code: 'STORE_COPY_FAILED' })
    expect(model.log).toEqual([])
  })

  it('cancels its task where it is stopped', async () => {
    const model = makeModel((self) => ({
      readTask: async () => {
        self.stopped = true
        return { type: 'running', copied: 0, total: 9 }
      },
    }))
    await expect(mergeIndex(model.context, wish)).rejects.toMatchObject({ code: 'STOPPED' })
    expect(model.log.slice(-2)).toEqual(['cancel node:1', `allow ${source}`])
  })
})

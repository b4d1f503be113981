import type { StoreContext } from '../../../src/stores/contract.ts'
import type { Declaration, JsonObject } from '../../../src/stores/elasticsearch/declaration.ts'
import type { ElasticsearchDriver, ServerWrite } from '../../../src/stores/elasticsearch/ports.ts'
import {
  type CopyDriver,
  type LiveIndex,
  type Moves,
  noMoves,
} from '../../../src/stores/elasticsearch/reindex-ports.ts'
import { emptyDeclaration } from '../../helpers/elasticsearch/elasticsearch-declaration.ts'

export const wish: Extract<ServerWrite, { readonly type: 'reindex' }> = {
  type: 'reindex',
  series: 'alias',
  name: 'people',
  source: 'people-000001',
  copy: 'people-000002',
  clone: null,
  rate: 500,
  wanted: [],
  besides: new Map(),
  content: { settings: {}, mappings: {} },
  during: { 'index.final_pipeline': '_none' },
  after: { 'index.final_pipeline': null },
  lifecycle: {},
  dropped: [],
}

export const desired = { template: { merged: content({}) }, simulation: content({}) }

function content(settings: JsonObject) {
  return { settings, mappings: {} }
}

/** A server in memory for the steps of a reindex: indices by name, and everything that was asked for, in order. */
export interface CopyModel {
  readonly context: StoreContext<Declaration, ElasticsearchDriver>
  readonly indices: Map<string, LiveIndex>
  readonly log: string[]
  moves: Moves
  stopped: boolean
}

export function index(name: string, uuid: string, parts: Partial<LiveIndex> = {}): LiveIndex {
  return { name, uuid, settings: {}, mappings: {}, aliases: [], mark: null, ...parts }
}

/** @param parts what this server does otherwise. */
export function makeCopyModel(parts: (model: CopyModel) => Partial<CopyDriver> = () => ({})): CopyModel {
  const { source, name } = wish
  const indices = new Map([[source, index(source, 'uuid-1', { aliases: [name] })]])
  const log: string[] = []
  const note = (text: string): Promise<void> => {
    log.push(text)
    return Promise.resolve()
  }
  const none = async (): Promise<number> => 0
  const make = (target: string, id: string): void => {
    if (!indices.has(target)) indices.set(target, index(target, `uuid-${indices.size + 1}`, { mark: id }))
  }
  const driver: CopyDriver = {
    readMoves: async () => new Map([[name, model.moves]]),
    writeMoves: async (_, __, moves) => void Object.assign(model, { moves }),
    createCopy: async (target, _, id) => make(target, id),
    readIndex: async (target) => indices.get(target) ?? null,
    listIndices: async (series) =>
      [...indices.values()].filter((one) => one.aliases.includes(series.name)).map((one) => one.name),
    count: none,
    sizeOf: none,
    readCheckpoint: async () => 7,
    start: async ({ rate, only }) => {
      await note(`start ${JSON.stringify({ rate, only })}`)
      return 'node:1'
    },
    readTask: async () => ({ type: 'done', copied: 0, total: 0 }),
    listTasks: async () => [],
    cancelTask: (task) => note(`cancel ${task}`),
    blockWrites: async (target) => {
      await note(`block ${target}`)
      setBlock(model, target, true)
      return true
    },
    allowWrites: async (target) => {
      await note(`allow ${target}`)
      setBlock(model, target, null)
    },
    readLastWrites: async () => [7],
    readClone: async () => ({ type: 'there' }),
    explainClone: async () => null,
    listRunningSnapshots: async () => [],
    cloneIndex: (_, clone) => note(`clone ${clone}`),
    repairWindow: none,
    removeSurplus: none,
    compareSample: async () => [],
    leaveAlias: () => note('leave'),
    takePlace: async () => {
      await note('switch')
      switchNow(model)
    },
  }
  const store: Partial<ElasticsearchDriver> = {
    write: async (write) => {
      await note(`${write.type} ${'index' in write ? write.index : ''}`)
      const found = write.type === 'put-mapping' ? indices.get(write.index) : undefined
      if (found !== undefined) indices.set(found.name, { ...found, mark: null })
    },
    remove: (kind, target) => note(`remove ${kind} ${target}`),
  }
  const model: CopyModel = {
    indices,
    log,
    moves: noMoves,
    stopped: false,
    context: {
      declaration: emptyDeclaration,
      prefix: '',
      server: 'es:9200',
      user: null,
      driver: store as ElasticsearchDriver,
      run: {
        report: () => {},
        stop: {
          get requested() {
            return model.stopped
          },
          killRequested: false,
          onStop: () => () => {},
          onKill: () => () => {},
        },
        now: () => 0,
        holder: 'tester',
      },
    },
  }
  Object.assign(store, { copy: { ...driver, ...parts(model) } })
  return model
}

export function setBlock({ indices }: CopyModel, target: string, write: true | null): void {
  const found = indices.get(target)
  if (found !== undefined) indices.set(target, { ...found, settings: { 'index.blocks.write': write } })
}

/** The aliases are those of the copy. */
export function switchNow({ indices }: CopyModel): void {
  const [old, copy] = [indices.get(wish.source), indices.get(wish.copy)]
  if (old === undefined || copy === undefined) throw new Error('both are there when they are switched')
  indices.set(wish.copy, { ...copy, aliases: old.aliases })
  indices.set(wish.source, { ...old, aliases: [] })
}

import { asSaid, type InBoth } from '../../core/in-both.ts'
import { check, type StoreProof } from '../outcome.ts'
import { flattenSettings } from './compare-trees.ts'
import { seriesNames } from './declaration.ts'
import type { ObservedIndex } from './index-ports.ts'
import { isClosed } from './judge-indices.ts'
import type { Observation } from './observe.ts'
import type { ElasticsearchDriver, FieldConflict } from './ports.ts'

/**
 * What can be checked about data streams and aliases without writing to them: whether the next document would be refused, whether
 * all indices agree on the types of fields, and whether an updated document exists only once.
 */
export async function verifySeries(
  observation: Observation,
  driver: ElasticsearchDriver,
): Promise<readonly StoreProof[]> {
  const names = observation.desired.templates.flatMap(({ source }) => seriesNames(source))
  const present = names.filter((name) => observation.observed.series.has(name))
  const conflicts = await Promise.all(present.map(async (name) => [name, await driver.listConflicts(name)] as const))
  const plain = observation.desired.indices.map(({ name }) => name)
  return [
    await judgeWrites([...names, ...plain], observation, driver),
    judgeTypes(conflicts),
    ...judgeCopies(observation),
  ]
}

/** Index settings that make it refuse documents. */
const blocks = [
  'index.blocks.read',
  'index.blocks.write',
  'index.blocks.read_only',
  'index.blocks.read_only_allow_delete',
]
const pipelines = ['index.default_pipeline', 'index.final_pipeline']

async function judgeWrites(
  names: readonly string[],
  { observed }: Observation,
  driver: ElasticsearchDriver,
): Promise<StoreProof> {
  const asked = new Map<string, Promise<boolean | null>>()
  // Streams of one kind have one pipeline.
  const hasPipeline = (pipeline: string): Promise<boolean | null> => {
    const answer = asked.get(pipeline) ?? driver.hasPipeline(pipeline)
    asked.set(pipeline, answer)
    return answer
  }
  const found = await Promise.all(
    names.map((name) => {
      const index = observed.plainIndices.indices.get(name) ?? observed.series.get(name)?.writeIndex ?? null
      return findObstacles(name, index, hasPipeline)
    }),
  )
  const count = names.length
  const name = { en: 'nothing that was looked at refuses writes', zh: '所检查的各项均不会拒绝写入' }
  return check(name, found.flat(), {
    good: {
      en: `${count} of ${count} have a write index, no block, and pipelines that exist; no document was written`,
      zh: `${count} 个数据流、别名和索引都有写索引、没有写入限制，且所用的管道存在；没有写入文档`,
    },
    next: {
      en: 'Run `wwdb setup apply --only elasticsearch` for a write index that does not exist. Open a closed index with POST <index>/_open; remove a block with PUT <index>/_settings; create a pipeline, or set another one.',
      zh: '写索引不存在时，请执行 `wwdb setup apply --only elasticsearch`。已关闭的索引请用 POST <index>/_open 打开；写入限制请用 PUT <index>/_settings 取消；管道请创建，或改用其他管道。',
    },
  })
}

async function findObstacles(
  name: string,
  index: ObservedIndex | null,
  hasPipeline: ElasticsearchDriver['hasPipeline'],
): Promise<readonly InBoth[]> {
  if (index === null) return [{ en: `${name} has no write index`, zh: `${name} 没有写索引` }]
  const settings = flattenSettings(index.settings)
  const blocked = blocks.filter((key) => settings.get(key) === 'true')
  const named = pipelines.flatMap((key) => {
    const pipeline = settings.get(key)
    return pipeline === undefined || pipeline === '_none' ? [] : [{ key, pipeline }]
  })
  const missing = await Promise.all(
    named.map(async ({ key, pipeline }): Promise<readonly InBoth[]> => {
      const exists = await hasPipeline(pipeline)
      if (exists === true) return []
      const of = `${index.name}: ${key}`
      return exists === null
        ? [{ en: `${of} ${pipeline} could not be read`, zh: `${of} ${pipeline} 无法读取` }]
        : [{ en: `${of} ${pipeline} does not exist`, zh: `${of} ${pipeline} 不存在` }]
    }),
  )
  return [
    ...(isClosed(index) ? [{ en: `${index.name} is closed`, zh: `${index.name} 已关闭` }] : []),
    ...blocked.map((key) => asSaid(`${index.name}: ${key}`)),
    ...missing.flat(),
  ]
}

function judgeTypes(conflicts: readonly (readonly [string, readonly FieldConflict[]])[]): StoreProof {
  const name = { en: 'a field has one type in all indices', zh: '同一字段在所有索引中类型一致' }
  const findings = conflicts.flatMap(([series, fields]) =>
    fields.map(({ field, types }) => {
      const places = types.map(({ type, indices }) => ({ type, at: shorten(indices) }))
      return {
        en: `${series}: ${field} is ${places.map(({ type, at }) => `${type} in ${at}`).join(', ')}`,
        zh: `${series}：${field} ${places.map(({ type, at }) => `在 ${at} 中为 ${type}`).join('，')}`,
      }
    }),
  )
  return check(name, findings, {
    good: { en: `asked with _field_caps of ${conflicts.length}`, zh: `已用 _field_caps 询问 ${conflicts.length} 个` },
    next: {
      en: 'Searches that sort or aggregate by such a field fail on the older indices until they are reindexed or deleted.',
      zh: '在旧索引重建或删除之前，按这样的字段排序或聚合的搜索会在旧索引上失败。',
    },
    bad: 'warning',
  })
}

function shorten(indices: readonly string[]): string {
  const [first = 'no index', ...others] = indices
  return others.length === 0 ? first : `${first} and ${others.length} more`
}

/** Documents that are written again under their ID exist twice once their alias has a second index. */
function judgeCopies({ desired, observed }: Observation): readonly StoreProof[] {
  const updated = desired.templates.flatMap(({ source: { series } }) =>
    series.type === 'alias' && series.documents === 'updated' ? [series.name] : [],
  )
  if (updated.length === 0) return []
  const several = updated.flatMap((alias) => {
    const { indices = [] } = observed.series.get(alias) ?? {}
    return indices.length < 2 ? [] : [{ alias, count: indices.length }]
  })
  const name = { en: 'a document that is updated exists once', zh: '会更新的文档只有一份' }
  const findings = several.map(({ alias, count }) => ({
    en: `${alias} has ${count} indices: a document that was updated since the rollover is found in several, and GET by id through the alias is refused`,
    zh: `${alias} 有 ${count} 个索引：滚动之后更新过的文档会在多个索引中搜到，且通过别名按 id 读取会被拒绝`,
  }))
  const good = {
    en: `${updated.length} of ${updated.length} have one index`,
    zh: `${updated.length} 个别名都只有一个索引`,
  }
  const next = {
    en: 'Run `wwdb setup apply --only elasticsearch --reindex`: it copies what only older indices have into the newest, and takes them out of the alias.',
    zh: '请执行 `wwdb setup apply --only elasticsearch --reindex`：它把只有旧索引才有的文档复制到最新的索引，并将旧索引移出别名。',
  }
  return [check(name, findings, { good, next, bad: 'warning' })]
}
